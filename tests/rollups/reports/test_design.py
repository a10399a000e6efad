"""A report designed in the admin: by selects, without programming."""

import re
from html import unescape

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from rollups.models import ReportColumn, ReportTemplate
from tests.factories import ProgrammeFactory
from tests.rollups.reading import ACTIVE, ATTENDANCE, EXISTING, PER_SESSION, SESSIONS

ADD = "/admin/rollups/reporttemplate/add/"
COLUMN = {"position": "", "group": "", "title": "", "programme": "", "aspect": "now"}


def typed(*columns, **fields) -> dict:
    """Return what the page sends for a table of *columns*."""
    sent = {
        "title": "活动情况月报表",
        "slug": "monthly",
        "period_kind": "month",
        "term_first": "",
        "listing": "children",
        "decimals": "1",
        "signatures": ["head", "filled"],
        "is_active": "on",
        "columns-TOTAL_FORMS": str(len(columns)),
        "columns-INITIAL_FORMS": "0",
        **fields,
    }
    for number, column in enumerate(columns):
        cells = COLUMN | column
        sent |= {f"columns-{number}-{name}": value for name, value in cells.items()}
    return sent


@pytest.fixture
def designer(client, district_admin):
    client.force_login(district_admin)
    return client


def text_of(response) -> str:
    return unescape(response.content.decode())


def refused(response) -> str:
    assert response.status_code == 200
    assert not ReportTemplate.objects.exists()
    return text_of(response)


def test_a_table_is_designed_by_selects(designer, programme):
    columns = (
        {"indicator": SESSIONS, "group": "活动", "title": "场次"},
        {"indicator": ATTENDANCE, "group": "活动", "programme": programme.pk},
        {"indicator": SESSIONS, "aspect": "share", "position": "7"},
        {"indicator": EXISTING},
        {"indicator": ""},
    )
    response = designer.post(ADD, typed(*columns))
    assert response.status_code == 302

    template = ReportTemplate.objects.get()
    assert template.signatures == ["head", "filled"]
    assert [
        (one.position, one.label, one.programme, one.aspect)
        for one in template.columns.order_by("position", "pk")
    ] == [
        (7, "活动场次占比", None, "share"),
        # Without a place they come last, in the order in which they were written.
        (8, "场次", None, "now"),
        (9, "参加人次", programme, "now"),
        (10, "妇联组织", None, "now"),
    ]
    assert designer.get(template.get_absolute_url()).status_code == 200
    logged = LogEntry.objects.filter(content_type__model="reportcolumn")
    assert logged.count() == 4


def test_indicators_and_programmes_are_chosen_by_their_chinese_names(designer):
    parent = ProgrammeFactory(slug="voices", name="巾帼宣讲")
    ProgrammeFactory(slug="talks", name="巾帼大宣讲", parent=parent)
    said = text_of(designer.get(ADD))

    assert re.search(rf'<option value="{SESSIONS}">\s*活动场次（场次）', said)
    assert "　巾帼大宣讲" in said
    assert "本年累计" in said
    assert "不分项目" not in re.findall(r"<option[^>]*>([^<]*)", said)


def test_the_whole_federation_may_sign_unless_told_otherwise(designer):
    said = text_of(designer.get(ADD))
    boxes = re.findall(r'<input[^>]*name="signatures"[^>]*>', said)

    assert len(boxes) == 5
    assert all("checked" in box for box in boxes)


@pytest.mark.parametrize(
    ("columns", "fields", "sentence"),
    [
        ([], {}, "报表至少要有一列，请选一个指标。"),
        ([{"indicator": ""}], {}, "报表至少要有一列，请选一个指标。"),
        ([{"indicator": "a.b"}], {}, "没有这个指标，请从列表中选择。"),
        (
            [{"indicator": SESSIONS}, {"indicator": SESSIONS, "title": "又一列"}],
            {},
            "“活动场次”有两列完全一样，请删去一列，或改项目、取数。",
        ),
        (
            [{"indicator": EXISTING, "aspect": "year_to_date"}],
            {},
            "“妇联组织”是月末的数，不能累计，请选“本期数”。",
        ),
        (
            [{"indicator": ACTIVE, "aspect": "share"}],
            {},
            "“开展活动的组织”各行相加不等于合计，没有“占比”。",
        ),
        (
            [{"indicator": PER_SESSION, "aspect": "share"}],
            {},
            "“场均人次”各行相加不等于合计，没有“占比”。",
        ),
        (
            [{"indicator": SESSIONS, "aspect": "share"}],
            {"listing": "total"},
            "只有合计一行的报表，“占比”总是 100%，请改选别的。",
        ),
        (
            [{"indicator": SESSIONS, "aspect": "year_to_date"}],
            {"period_kind": "year"},
            "每年的报表，“本期数”就是全年数，不用“本年累计”。",
        ),
        (
            [{"indicator": SESSIONS, "aspect": "year_ago"}],
            {"period_kind": "term", "term_first": "2022-01"},
            "每届的报表跨五年，没有“去年同期”，请改选别的。",
        ),
        (
            [{"indicator": SESSIONS, "aspect": "completion"}],
            {"listing": "village"},
            "年度目标只定到区和镇街，这样的每行没有“完成率”，请改选别的。",
        ),
        (
            [{"indicator": SESSIONS}],
            {"period_kind": "term"},
            "每届的报表，请填“一届的第一个月”。",
        ),
        ([{"indicator": SESSIONS}], {"decimals": "3"}, "最多两位小数。"),
        ([{"indicator": SESSIONS}], {"slug": "中文"}, "标识"),
        ([{"indicator": SESSIONS, "position": "9999"}], {}, "999"),
        ([{"indicator": SESSIONS}], {"title": "表\x00"}, "空字符"),
        ([{"indicator": SESSIONS}], {"signatures": ["boss"]}, "boss"),
        (
            [{"indicator": SESSIONS}],
            {"notes": "张某 11010519491231002X"},
            "这里不能填写身份证号",
        ),
    ],
)
def test_what_would_say_nothing_is_refused_and_what_was_typed_is_kept(
    designer, columns, fields, sentence
):
    said = refused(designer.post(ADD, typed(*columns, **fields)))

    assert sentence in said
    for column in columns:
        if column.get("title"):
            assert column["title"] in said


def test_a_programme_is_refused_where_there_is_none(designer, programme):
    column = {"indicator": EXISTING, "programme": programme.pk}
    said = refused(designer.post(ADD, typed(column)))
    assert "“妇联组织”不分项目，请把项目留空。" in said

    column = {"indicator": SESSIONS, "programme": programme.pk, "aspect": "target"}
    said = refused(designer.post(ADD, typed(column)))
    assert "年度目标不分项目，请把项目留空。" in said


def test_a_change_of_the_table_is_held_against_its_columns(designer, design):
    """A table of months may compare with the year before; one of terms may not."""
    template = design((SESSIONS, "year_ago"))
    column = template.columns.get()
    sent = typed(
        {"indicator": SESSIONS, "aspect": "year_ago", "id": column.pk},
        period_kind="term",
        term_first="2022-01",
        **{"columns-INITIAL_FORMS": "1"},
    )
    url = f"/admin/rollups/reporttemplate/{template.pk}/change/"
    response = designer.post(url, sent)
    assert "每届的报表跨五年" in text_of(response)
    template.refresh_from_db()
    assert template.period_kind == "month"

    sent["columns-0-aspect"] = "now"
    assert designer.post(url, sent).status_code == 302
    template.refresh_from_db()
    assert (template.period_kind, f"{template.term_first}") == ("term", "2022-01-01")


def test_a_column_whose_indicator_is_gone_stays_named(designer, design):
    template = design((SESSIONS,))
    ReportColumn.objects.filter(template=template).update(indicator="reported.gone")
    said = text_of(designer.get(f"/admin/rollups/reporttemplate/{template.pk}/change/"))

    assert "reported.gone（已停用）" in said


def test_the_term_begins_on_the_first_of_its_month(db):
    template = ReportTemplate(
        slug="t", title="表", period_kind="term", term_first="2022-03-17"
    )
    template.full_clean()

    assert f"{template.term_first}" == "2022-03-01"


def test_the_database_refuses_a_term_without_its_month(db):
    with pytest.raises(ValidationError, match="一届的第一个月"):
        ReportTemplate(slug="t", title="表", period_kind="term").full_clean()


def test_designing_costs_the_same_whatever_the_columns(
    designer, design, django_assert_max_num_queries
):
    one = design((SESSIONS,), slug="one")
    aspects = ("now", "before", "change", "year_ago", "year_change", "year_to_date")
    many = design(*((SESSIONS, aspect) for aspect in aspects), slug="many")
    urls = [f"/admin/rollups/reporttemplate/{t.pk}/change/" for t in (one, many)]
    counts = []
    for url in urls:
        designer.get(url)
        with django_assert_max_num_queries(20) as captured:
            designer.get(url)
        counts.append(len(captured))

    assert counts[0] == counts[1]
