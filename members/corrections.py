"""Posts entered late with their true dates: a closed month shows them with its next
revision, and its page names them."""

from django.db.models import Q
from django.urls import reverse

from federation.months import Month
from members.models import Post
from rollups.closings import tracing
from rollups.corrections import Difference

TOLD = ("title", "started_on", "ended_on", "ending")
EMPTY = ("None", "")


def _held_in(month: Month):
    return Post.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=month.first_day),
        started_on__lt=month.next_first_day,
    )


def _logged(changes: list[dict]) -> list[list[Difference]]:
    return [
        [
            Difference(
                str(Post._meta.get_field(name).verbose_name),
                *(_word(name, value) for value in one[name]),
            )
            for name in TOLD
            if name in one
        ]
        for one in changes
    ]


def _word(name: str, value: str) -> str:
    choices = dict(Post._meta.get_field(name).choices or ())
    return "" if value in EMPTY else str(choices.get(value, value))


tracing.register(
    tracing.Trace(
        model=Post,
        record="members.post",
        records=_held_in,
        days=("started_on", "ended_on"),
        in_words=_logged,
        address=lambda pk: reverse("admin:members_post_change", args=[pk]),
        related=("member", "branch"),
    )
)
