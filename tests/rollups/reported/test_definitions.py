"""What the district defines: what may not be changed any more, what counts anew, and
what a derived indicator counts."""

from datetime import date

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from federation.models import Mark
from federation.months import Month
from rollups import engine, registry
from rollups.models import DerivedIndicator, ReportedBatch, ReportedIndicator
from rollups.records import evidence
from rollups.tables import WHOLE
from tests.factories import (
    DerivedIndicatorFactory,
    ReportedBatchFactory,
    ReportedIndicatorFactory,
)
from tests.rollups.naive import assert_is_naive, own_and_total
from tests.rollups.reading import ACTIVE, ask, hold
from tests.rollups.reported.conftest import NOVEMBER, OCTOBER, SEPTEMBER, say

pytestmark = pytest.mark.django_db

DERIVED = "/admin/rollups/derivedindicator/"
REPORTED = "/admin/rollups/reportedindicator/"
BASELINE = "/admin/rollups/baseline/"


@pytest.fixture
def months():
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        engine.open_month(month)


@pytest.fixture
def office(client, district_admin):
    client.force_login(district_admin)
    return client


# What keeps its meaning ---------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"), [("unit", "户"), ("kind", "stock"), ("slug", "other")]
)
def test_what_has_figures_keeps_its_meaning(aid, community, field, value):
    indicator = aid.indicator
    setattr(indicator, field, value)
    indicator.full_clean()  # nothing is filled in yet
    say(community, aid, OCTOBER, 3)

    with pytest.raises(ValidationError, match="前后的数对不上.*另建一个新指标"):
        indicator.full_clean()
    indicator.refresh_from_db()
    indicator.name = "改个名字可以"
    indicator.full_clean()


def test_a_batch_keeps_the_months_that_were_filled_in(aid, community):
    say(community, aid, OCTOBER, 3)
    for field, day in (
        ("from_month", NOVEMBER.first_day),
        ("until_month", SEPTEMBER.first_day),
    ):
        aid.refresh_from_db()
        setattr(aid, field, day)
        with pytest.raises(ValidationError, match="要把它们包在里面"):
            aid.full_clean()
    aid.refresh_from_db()
    aid.until_month = date(2026, 10, 31)
    aid.full_clean()
    assert aid.until_month == OCTOBER.first_day


@pytest.mark.parametrize(
    "wrong",
    [
        {"levels": []},
        {"levels": ["district"]},
        {"levels": ["no such"]},
        {"least": 5, "most": 4},
        {"least": -1},
        {"slug": "a b"},
        {"slug": ""},
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        ReportedIndicatorFactory.build(**wrong).full_clean()


@pytest.mark.parametrize(
    "wrong",
    [
        {"document_number": ""},
        {"until_month": date(2025, 1, 1)},
        {"slug": "a"},
        {"name": "a"},
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(aid, wrong):
    batch = ReportedBatchFactory.build(
        indicator=aid.indicator, **({"slug": "b", "name": "b"} | wrong)
    )
    if set(wrong) & {"slug", "name"}:
        batch.slug, batch.name = wrong.get("slug", ""), wrong.get("name", "")
    with pytest.raises(ValidationError):
        batch.full_clean()


def test_an_indicator_has_one_batch_without_a_name(aid):
    with pytest.raises(ValidationError, match="不分批的指标只留一行"):
        ReportedBatchFactory.build(indicator=aid.indicator).full_clean()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda figure: setattr(figure, "value", -1),
        lambda figure: setattr(figure, "month", date(2025, 12, 1)),
        lambda figure: setattr(figure, "month", date(2026, 12, 1)),
        lambda figure: setattr(figure, "explanation", "11010519491231002X"),
    ],
)
def test_a_figure_out_of_place_is_refused(aid, community, wrong):
    figure = say(community, aid, OCTOBER, 3)
    wrong(figure)
    with pytest.raises(ValidationError):
        figure.full_clean()


def test_the_database_itself_keeps_one_figure_and_none_below_zero(aid, community):
    say(community, aid, OCTOBER, 3)
    for month, value in ((OCTOBER, 4), (SEPTEMBER, -1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            say(community, aid, month, value)


def test_whatever_is_written_is_in_the_log(aid, community):
    figure = say(community, aid, OCTOBER, 3)
    figure.value = 4
    figure.save()
    entries = LogEntry.objects.get_for_object(figure)

    assert entries.first().changes["value"] == ["3.00", "4"]


# What counts anew ---------------------------------------------------------------


def marked() -> set:
    return set(Mark.objects.filter(onward=True).values_list("branch_id", flat=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda one: DerivedIndicatorFactory(),
        lambda one: setattr(one, "filters", {"kind": ["law"]}) or one.save(),
        lambda one: DerivedIndicator.objects.update(filters={"kind": ["law"]}),
        lambda one: DerivedIndicator.objects.bulk_create(
            [DerivedIndicatorFactory.build()]
        ),
        lambda one: one.delete(),
        lambda one: DerivedIndicator.objects.all().delete(),
    ],
)
def test_a_definition_marks_every_branch_in_its_own_transaction(
    months, street, community, change
):
    one = DerivedIndicatorFactory()
    engine.drain_marks()
    assert marked() == set()

    change(one)

    assert {street.pk, community.pk, street.parent_id} <= marked()


def test_what_moves_no_figure_counts_nothing_anew(months, aid, community):
    engine.drain_marks()
    indicator = aid.indicator
    indicator.name, indicator.is_usual, indicator.most = "改名", False, 7
    indicator.save()
    aid.document_number = "章妇〔2026〕9 号"
    aid.save()

    assert marked() == set()


def test_a_definition_that_is_undone_leaves_no_mark(street):
    Mark.objects.all().delete()
    with transaction.atomic():
        DerivedIndicatorFactory()
        transaction.set_rollback(True)

    assert not Mark.objects.exists()
    assert "讲座场次" not in [one.label for one in registry.all_indicators()]


# What a derived indicator counts ------------------------------------------------


@pytest.fixture
def lectures(months, street, community, second_community):
    day = date(2026, 10, 9)
    hold(community, day, people=30, kind="lecture", audience="women,children")
    hold(community, day, people=5, kind="law", audience="women")
    hold(second_community, day, people=7, kind="lecture", format="online")
    engine.drain_marks()


@pytest.mark.parametrize(
    ("base", "filters", "figure"),
    [
        ("activities.sessions", {"kind": ["lecture"]}, 2),
        ("activities.sessions", {"kind": ["lecture", "law"]}, 3),
        ("activities.attendance", {"kind": ["lecture"]}, 37),
        ("activities.attendance", {"audience": ["children", "families"]}, 30),
        ("activities.attendance", {"kind": ["lecture"], "format": ["online"]}, 7),
        (ACTIVE, {"audience": ["women"]}, 1),
        (ACTIVE, {"kind": ["lecture"]}, 2),
        ("activities.sessions", {"kind": ["meeting"]}, 0),
    ],
)
def test_a_derived_indicator_counts_what_fits(lectures, street, base, filters, figure):
    derived = DerivedIndicatorFactory(base=base, filters=filters)
    engine.drain_marks()

    assert own_and_total(derived.code, street, OCTOBER)[1] == figure
    question = ask(street, derived.code, first=OCTOBER)
    found = evidence(question, registry.indicator(derived.code), WHOLE)
    assert found.figure == found.stored == figure
    assert_is_naive()


def test_indicators_with_the_same_filters_share_one_reading(lectures):
    one = DerivedIndicatorFactory()
    other = DerivedIndicatorFactory(base="activities.attendance")
    sources = {registry.indicator(each.code).source.name for each in (one, other)}

    assert len(sources) == 1


def test_other_filters_are_another_version(lectures, street):
    derived = DerivedIndicatorFactory()
    assert registry.indicator(derived.code).version == 1

    derived.filters = {"kind": ["law"]}
    derived.save(update_fields=["filters"])
    engine.drain_marks()

    assert registry.indicator(derived.code).version == 2
    assert own_and_total(derived.code, street, OCTOBER)[1] == 1
    derived.name = "普法"
    derived.save()
    assert registry.indicator(derived.code).version == 2


def test_a_row_whose_base_or_filter_is_gone_is_no_indicator():
    DerivedIndicatorFactory(base="no.such")
    DerivedIndicatorFactory(filters={"no such": ["x"]})

    assert not [c for c in registry.all_indicators() if c.code.startswith("derived.")]


# In the admin -------------------------------------------------------------------


def test_the_district_makes_an_indicator_from_lists(office, lectures, street):
    page = office.get(f"{DERIVED}add/").content.decode()
    assert "只算：活动类型" in page
    assert "线上人次" in page

    answer = office.post(
        f"{DERIVED}add/",
        {
            "name": "讲座场次",
            "slug": "lectures",
            "base": "activities.sessions",
            "only_kind": ["lecture", "parenting"],
            "position": "0",
        },
    )

    assert answer.status_code == 302, answer.context["errors"]
    derived = DerivedIndicator.objects.get()
    assert derived.filters == {"kind": ["lecture", "parenting"]}
    engine.drain_marks()
    assert own_and_total("derived.lectures", street, OCTOBER)[1] == 2
    page = office.get(f"{DERIVED}{derived.pk}/change/").content.decode()
    assert "活动场次" in page
    assert page.count("checked") >= 2
    assert "讲座、家庭教育" in office.get(DERIVED).content.decode()


def test_a_derived_indicator_without_filters_is_refused(office):
    answer = office.post(
        f"{DERIVED}add/",
        {"name": "场次", "slug": "s", "base": "activities.sessions", "position": "0"},
    )

    assert "请至少选一项只算哪些" in answer.content.decode()


def reported(**changes) -> dict:
    return {
        "name": "妈妈岗",
        "slug": "mom_jobs",
        "unit": "个",
        "kind": "stock",
        "levels": ["village", "unit"],
        "most": "500",
        "position": "0",
        "is_usual": "on",
        "batches-TOTAL_FORMS": "1",
        "batches-INITIAL_FORMS": "0",
        "batches-0-document_number": "章妇〔2026〕7 号",
        "batches-0-from_month": "2026-03",
        **changes,
    }


def test_the_district_asks_for_a_figure_without_programming(office, street):
    answer = office.post(f"{REPORTED}add/", reported())

    assert answer.status_code == 302, answer.context["errors"]
    batch = ReportedBatch.objects.get()
    assert batch.from_month == date(2026, 3, 1)
    assert batch.indicator.levels == ["village", "unit"]
    assert registry.indicator("reported.mom_jobs").label == "妈妈岗"
    choices = office.get("/rollups/").context["form"].fields["indicator"].choices
    assert ("reported.mom_jobs", "妈妈岗") in choices
    assert office.get(f"{REPORTED}{batch.indicator_id}/change/").status_code == 200


def test_without_a_document_nothing_is_asked_for(office):
    answer = office.post(
        f"{REPORTED}add/", reported(**{"batches-0-document_number": ""})
    )
    assert answer.status_code == 200
    assert not ReportedIndicator.objects.exists()
    answer = office.post(f"{REPORTED}add/", reported(**{"batches-TOTAL_FORMS": "0"}))
    assert answer.status_code == 200
    assert not ReportedIndicator.objects.exists()


def test_the_admin_says_why_a_unit_stays(office, aid, community):
    say(community, aid, OCTOBER, 3)
    answer = office.post(
        f"{REPORTED}{aid.indicator_id}/change/",
        reported(
            **{
                "slug": "aid",
                "kind": "flow",
                "unit": "户",
                "batches-INITIAL_FORMS": "1",
                "batches-0-id": aid.pk,
                "batches-0-indicator": aid.indicator_id,
                "batches-0-from_month": "2026-01",
            }
        ),
    )

    assert answer.status_code == 200
    assert "改单位会让前后的数对不上" in answer.content.decode()


def test_a_batch_with_figures_is_not_deleted(office, aid, community):
    say(community, aid, OCTOBER, 3)
    answer = office.post(
        f"{REPORTED}{aid.indicator_id}/change/",
        reported(
            **{
                "slug": "aid",
                "kind": "flow",
                "unit": "人",
                "batches-TOTAL_FORMS": "2",
                "batches-INITIAL_FORMS": "1",
                "batches-0-id": aid.pk,
                "batches-0-indicator": aid.indicator_id,
                "batches-0-DELETE": "on",
                "batches-1-document_number": "2 号",
                "batches-1-from_month": "2026-01",
                "batches-1-name": "b",
                "batches-1-slug": "b",
            }
        ),
    )

    assert answer.status_code == 200
    assert ReportedBatch.objects.filter(pk=aid.pk).exists()


def test_the_district_enters_a_baseline(office, street):
    engine.open_month(Month(2026, 9))
    typed = {
        "indicator": "activities.sessions",
        "branch": street.pk,
        "first_month": "2019-01",
        "last_month": "2019.12",
        "value": "1200",
        "source": "2019 年总结",
    }
    answer = office.post(f"{BASELINE}add/", typed)
    assert answer.status_code == 302, answer.context["errors"]
    assert "约 1,200" in office.get(BASELINE).content.decode()

    again = office.post(f"{BASELINE}add/", typed)
    assert "月份有重叠" in again.content.decode()
    late = office.post(f"{BASELINE}add/", typed | {"last_month": "2026-10"})
    assert "期初数最晚写到 2026 年 8 月" in late.content.decode()
