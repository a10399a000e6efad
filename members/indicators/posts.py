"""What the register counts: committee members in post at month end."""

from datetime import timedelta

from django.db.models import Count

from federation.models import Programme
from members.models import Post
from rollups.registry import Indicator, Kind, Source, as_month, register

# One person with two posts in a branch is one.
PEOPLE = Count("member", distinct=True)


def _in_post(months):
    for month in months:
        yield (
            Post.objects.in_post(month.last_day)
            .order_by()
            .values("branch_id")
            .annotate(
                month=as_month(month),
                programme_id=Programme.objects.sentinel_id(),
                people=PEOPLE,
            )
        )


def _records(first, end):
    at_the_end = Post.objects.in_post(end - timedelta(days=1))
    return at_the_end.select_related("member", "branch")


POSTS = Source(
    name="posts",
    rows=_in_post,
    records=_records,
    columns={
        "姓名": lambda post: post.member.name,
        "组织": lambda post: post.branch.name,
        "职务": lambda post: post.get_title_display(),
        "任职日期": lambda post: post.started_on,
    },
    measures={"people": PEOPLE},
)

register(
    Indicator(
        code="members.in_post",
        label="在任执委",
        unit="人",
        kind=Kind.STOCK,
        source=POSTS,
        measure="people",
    )
)
