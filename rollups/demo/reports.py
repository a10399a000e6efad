"""Three tables as other offices ask for them: a month's, a quarter's, a term's."""

from __future__ import annotations

from federation.demo import Demo, step
from federation.models import Branch, Programme
from rollups import registry
from rollups.models import ReportColumn, ReportTemplate

Aspect, PeriodKind = ReportColumn.Aspect, ReportTemplate.PeriodKind
SESSIONS, ATTENDANCE = "activities.sessions", "activities.attendance"
NOTE = (
    "活动以举办、填写人次并审核通过的为准；人次为线下、线上参加人次之和，不含观看量。"
)

# (upper title, title, indicator, aspect, slug of the programme)
MONTHLY = (
    ("活动场次", "本月", SESSIONS, Aspect.NOW, ""),
    ("活动场次", "去年同月", SESSIONS, Aspect.YEAR_AGO, ""),
    ("活动场次", "同比增减", SESSIONS, Aspect.YEAR_CHANGE, ""),
    ("活动场次", "本年累计", SESSIONS, Aspect.YEAR_TO_DATE, ""),
    ("参加人次", "本月", ATTENDANCE, Aspect.NOW, ""),
    ("参加人次", "其中线下", "activities.attendance_offline", Aspect.NOW, ""),
    ("参加人次", "其中线上", "activities.attendance_online", Aspect.NOW, ""),
    ("参加人次", "本年累计", ATTENDANCE, Aspect.YEAR_TO_DATE, ""),
    ("", "儿童人次", "activities.children", Aspect.NOW, ""),
    ("", "开展活动的组织", "activities.active_branches", Aspect.NOW, ""),
)
QUARTERLY = (
    ("宣讲合计", "场次", SESSIONS, Aspect.NOW, "voices"),
    ("宣讲合计", "人次", ATTENDANCE, Aspect.NOW, "voices"),
    ("宣讲合计", "人次占比", ATTENDANCE, Aspect.SHARE, "voices"),
    ("其中：巾帼大宣讲", "场次", SESSIONS, Aspect.NOW, "talks"),
    ("其中：巾帼大宣讲", "人次", ATTENDANCE, Aspect.NOW, "talks"),
    ("其中：法进万家", "场次", SESSIONS, Aspect.NOW, "law"),
    ("其中：法进万家", "人次", ATTENDANCE, Aspect.NOW, "law"),
)
OF_THE_TERM = (
    ("活动", "场次", SESSIONS, Aspect.NOW, ""),
    ("活动", "人次", ATTENDANCE, Aspect.NOW, ""),
    ("活动", "人次占比", ATTENDANCE, Aspect.SHARE, ""),
    ("活动", "场均人次", "activities.attendance_per_session", Aspect.NOW, ""),
    ("妇联组织", "期末数", "branches.existing", Aspect.NOW, ""),
    ("妇联组织", "开展活动的", "activities.active_branches", Aspect.NOW, ""),
    ("妇联组织", "三新领域新建", "branches.new_fields_founded", Aspect.NOW, ""),
)


@step(890, "报表")
def bring_reports(demo: Demo) -> None:
    """Write the templates with their columns."""
    office = Branch.objects.root().name
    year = demo.today.year
    usual = {"issued_by": office, "notes": NOTE}
    _write(
        MONTHLY,
        slug="monthly-activities",
        title="妇联组织活动情况月报表",
        table_number="章妇统 1 表",
        document_number=f"章妇〔{year}〕3 号",
        **usual,
    )
    _write(
        QUARTERLY,
        slug="quarterly-talks",
        title="巾帼宣讲活动季报表",
        table_number="章妇统 2 表",
        document_number=f"章妇〔{year}〕3 号",
        period_kind=PeriodKind.QUARTER,
        **usual,
    )
    _write(
        OF_THE_TERM,
        slug="five-years",
        title="基层妇联工作五年统计表",
        table_number="章妇统 9 表",
        document_number=f"章妇〔{year}〕21 号",
        period_kind=PeriodKind.TERM,
        term_first=demo.first_month.first_day,
        **usual,
    )


def _write(columns: tuple, **fields) -> None:
    template = ReportTemplate.objects.create(**fields)
    known = {one.code for one in registry.all_indicators()}
    programmes = {one.slug: one for one in Programme.objects.all()}
    rows = [
        ReportColumn(
            template=template,
            position=position,
            group=group,
            title=title,
            indicator=code,
            aspect=aspect,
            programme=programmes.get(slug),
        )
        for position, (group, title, code, aspect, slug) in enumerate(columns, start=1)
        if code in known and (not slug or slug in programmes)
    ]
    for row in rows:
        row.full_clean(exclude=["template"])
    ReportColumn.objects.bulk_create(rows)
