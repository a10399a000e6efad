"""People in post at month end, and the posts that begin and end in a month."""

from django.db.models import Count, Q, Sum

from federation.months import Month
from members.models import Post
from members.models.choices import BACHELOR_AND_UP, Ending, Title
from rollups.readings import (
    at_month_end,
    in_month,
    records_at_month_end,
    records_in_month,
)
from rollups.registry import Indicator, Kind, Source, register

IS_CHAIR = Q(title=Title.CHAIR)
IS_BACHELOR = Q(member__education__in=BACHELOR_AND_UP)
IS_SCHOOLED = ~Q(member__education="")


def people(condition: Q | None = None) -> Count:
    """Return how many people posts are held by: one with two of them is one."""
    return Count("member", distinct=True, filter=condition)


MEASURES = {
    "people": people(),
    "chairs": people(IS_CHAIR),
    "bachelors": people(IS_BACHELOR),
    "schooled": people(IS_SCHOOLED),
}
AGES = {"ages": Sum("age"), "aged": Count("pk")}
ENDINGS = {ending: Count("pk", filter=Q(ending=ending)) for ending in Ending.values}


def _dated(field):
    """Return the posts by their date *field*, (first, end) -> posts."""

    def posts(first, end):
        # What is appointed for a month to come counts when that month opens: a change
        # of it until then leaves its marks on the open months only.
        end = min(end, Month.current().next_first_day)
        return Post.objects.filter(**{f"{field}__gte": first, f"{field}__lt": end})

    return posts


def link(post) -> str:
    return f"/admin/members/post/{post.pk}/change/"


COLUMNS = {
    "姓名": lambda post: post.member.name,
    "组织": lambda post: post.branch.name,
    "职务": lambda post: post.get_title_display(),
    "任职日期": lambda post: post.started_on,
}
POSTS = Source(
    name="posts",
    rows=at_month_end(Post.objects.in_post, MEASURES),
    records=records_at_month_end(Post.objects.in_post, "member"),
    columns=COLUMNS | {"学历": lambda post: post.member.get_education_display()},
    link=link,
    measures=MEASURES,
)
AGED = Source(
    name="ages",
    rows=at_month_end(Post.objects.with_ages, AGES),
    records=records_at_month_end(Post.objects.with_ages, "member"),
    columns=COLUMNS | {"年龄": lambda post: post.age},
    link=link,
    measures=AGES,
)
STARTED = Source(
    name="posts started",
    rows=in_month(_dated("started_on"), "started_on", {"started": Count("pk")}),
    records=records_in_month(_dated("started_on"), "member"),
    columns=COLUMNS,
    link=link,
)
ENDED = Source(
    name="posts ended",
    rows=in_month(_dated("ended_on"), "ended_on", ENDINGS),
    records=records_in_month(_dated("ended_on"), "member"),
    columns=COLUMNS
    | {
        "卸任日期": lambda post: post.ended_on,
        "卸任原因": lambda post: post.get_ending_display(),
    },
    link=link,
    measures=ENDINGS,
)


def _narrowed(condition: Q):
    return lambda posts: posts.filter(condition)


def _stock(code, label, measure, condition=None, **more):
    if condition is not None:
        more["narrow"] = _narrowed(condition)
    return Indicator(
        code=f"members.{code}",
        label=label,
        kind=Kind.STOCK,
        measure=measure,
        **({"unit": "人", "source": POSTS} | more),
    )


def _ended(ending):
    return Indicator(
        code=f"members.ended_{ending.value}",
        label=f"卸任：{ending.label}",
        unit="人次",
        kind=Kind.FLOW,
        source=ENDED,
        measure=ending.value,
        narrow=_narrowed(Q(ending=ending)),
        is_usual=False,
    )


register(
    _stock("in_post", "在任执委", "people"),
    _stock("chairs", "在任主席", "chairs", IS_CHAIR, is_usual=False),
    _stock("bachelors", "本科及以上执委", "bachelors", IS_BACHELOR, is_usual=False),
    _stock("education_known", "已填学历执委", "schooled", IS_SCHOOLED, is_usual=False),
    _stock(
        "ages",
        "执委年龄合计",
        "ages",
        unit="岁",
        source=AGED,
        record_value=lambda post: post.age,
        is_usual=False,
    ),
    _stock("birth_known", "已填出生年月执委", "aged", source=AGED, is_usual=False),
    Indicator(
        code="members.bachelor_share",
        label="执委本科及以上占比",
        unit="%",
        kind=Kind.RATIO,
        numerator="members.bachelors",
        denominator="members.education_known",
        per=100,
    ),
    Indicator(
        code="members.average_age",
        label="执委平均年龄",
        unit="岁",
        kind=Kind.RATIO,
        numerator="members.ages",
        denominator="members.birth_known",
    ),
    Indicator(
        code="members.new_posts",
        label="新任职",
        unit="人次",
        kind=Kind.FLOW,
        source=STARTED,
        measure="started",
        is_usual=False,
    ),
    *(_ended(ending) for ending in Ending),
)
