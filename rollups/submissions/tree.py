"""What the tree tells the expected list: who came, and who goes."""

from django.dispatch import receiver

from federation.successions import branch_closing, branches_placed
from rollups.submissions.expecting import join, leave


@receiver(branches_placed)
def expect_new_branches(sender, branches, **kwargs):
    join(branches)


@receiver(branch_closing)
def expect_no_more(sender, branch, last_day, **kwargs):
    leave(branch, last_day)
