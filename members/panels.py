"""What the register shows on pages made of several parts. The public sees of people
only who agreed in writing: chairs in post, and holders of honours."""

from django.urls import reverse

from federation.months import local_today
from federation.panels import panel
from members import committees
from members.models import Honour, Post

HONOURS_SHOWN = 6


@panel("branch", "chair", "members/_panel_chair.html", position=5)
def chair_of(request, branch) -> dict | None:
    """Show the chair of the branch, if she agreed."""
    today = local_today()
    posts = Post.objects.filter(branch=branch).public(today).select_related("member")
    post = posts.first()
    return None if post is None or branch.is_closed else {"post": post}


@panel("branch", "honours", "members/_panel_honours.html", position=30)
def honours_of(request, branch) -> dict | None:
    """Show the newest honours of the branch and those below it."""
    honours = Honour.objects.public().within(branch).select_related("member", "branch")
    shown = list(honours.order_by("-awarded_on", "pk")[:HONOURS_SHOWN])
    return {"honours": shown} if shown else None


@panel("branch_staff", "terms", "admin/members/_panel_terms.html", position=10)
def terms_of(request, branch) -> dict | None:
    """Show the staff a branch's terms one after another."""
    if not request.user.has_perm("members.view_term", branch):
        return None
    return {
        "terms": committees.terms_of(branch, local_today()),
        "committee": f"{reverse('admin:members_post_committee')}?branch={branch.pk}",
    }
