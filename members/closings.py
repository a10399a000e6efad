"""What ends with a branch: the posts in its committee."""

from datetime import timedelta

from django.dispatch import receiver

from federation.successions import branch_closing
from members.models import Post


@receiver(branch_closing)
def end_posts(sender, branch, last_day, **kwargs):
    """End the posts that would outlive *branch*; its last day is theirs."""
    end = last_day + timedelta(days=1)
    posts = Post.objects.filter(branch=branch)
    posts.in_post(end).filter(started_on__lt=end).update(
        ended_on=end, ending=Post.Ending.BRANCH_CLOSED
    )
