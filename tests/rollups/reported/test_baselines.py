"""What was counted before the site: never twice, and never added to what it counts."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from federation.models import ReportingMonth
from federation.months import Month
from rollups.models import Baseline, Expectation
from rollups.reported import baselines_for
from tests.factories import (
    BaselineFactory,
    DerivedIndicatorFactory,
    ProgrammeFactory,
    ReportedBatchFactory,
)
from tests.rollups.reading import ACTIVE, ATTENDANCE, EXISTING, PER_SESSION, SESSIONS
from tests.rollups.reading import ask as asked_of
from tests.rollups.reported.conftest import JOBS, SCREENING

pytestmark = pytest.mark.django_db

SINCE = date(2022, 1, 1)


@pytest.fixture(autouse=True)
def site(db):
    """The site counts from January 2022."""
    Expectation.objects.create(pk=Expectation.THE_ONE, since=SINCE)
    ReportingMonth.objects.create(month=SINCE)


def baseline(branch, first="2019-01", last="2019-12", **values) -> Baseline:
    row = BaselineFactory.build(
        branch=branch,
        first_month=Month.parse(first).first_day,
        last_month=Month.parse(last).first_day,
        **values,
    )
    row.full_clean()
    row.save()
    return row


def ask(branch, *codes, first="2015-01", last="2026-12", **more):
    first, last = Month.parse(first), Month.parse(last)
    return asked_of(branch, *codes, first=first, last=last, **more)


def sentences(*args, **more) -> list[str]:
    return [note.sentence for note in baselines_for(ask(*args, **more))]


# No month twice -----------------------------------------------------------------


def test_months_that_the_site_counts_have_none(street):
    baseline(street, "2021-01", "2021-12")
    with pytest.raises(ValidationError, match="从 2022 年 1 月起由系统统计"):
        baseline(street, "2020-01", "2022-01")


def test_the_first_opened_month_counts_too(street):
    ReportingMonth.objects.create(month=date(2021, 6, 1))

    with pytest.raises(ValidationError, match="最晚写到 2021 年 5 月"):
        baseline(street, "2021-01", "2021-12")


def test_a_reported_indicator_counts_from_when_it_is_in_force(street, jobs):
    baseline(street, "2025-01", "2025-12", indicator=JOBS)
    with pytest.raises(ValidationError, match="最晚写到 2025 年 12 月"):
        baseline(street, "2024-01", "2026-01", indicator=JOBS)


def test_a_batch_counts_from_its_own_first_month(street, screening):
    code = f"{SCREENING}.2026"
    baseline(street, "2026-01", "2026-02", indicator=code)
    with pytest.raises(ValidationError, match="最晚写到 2026 年 2 月"):
        baseline(street, "2026-01", "2026-03", indicator=code)
    with pytest.raises(ValidationError, match="最晚写到 2025 年 2 月"):
        baseline(street, "2025-01", "2025-03", indicator=SCREENING)


def test_a_campaign_from_before_the_site_is_told_until_the_site(street):
    ReportedBatchFactory(
        indicator__slug="old",
        slug="2021",
        name="2021 年",
        from_month=date(2021, 3, 1),
        until_month=date(2022, 10, 1),
    )

    baseline(street, "2021-03", "2021-12", indicator="reported.old.2021")


def test_an_indicator_is_not_moved_into_months_a_baseline_tells(street, jobs):
    baseline(street, "2025-01", "2025-12", indicator=JOBS)
    jobs.from_month = date(2025, 12, 1)

    with pytest.raises(ValidationError, match="已有期初数，这些月份不能再填报"):
        jobs.full_clean()


@pytest.mark.parametrize("which", ["itself", "above", "below"])
def test_the_same_months_are_told_once_along_the_tree(
    street, community, second_community, which
):
    baseline(street, "2019-01", "2019-12")
    branch = {"itself": street, "above": street.parent, "below": community}[which]

    with pytest.raises(ValidationError, match="明水街道妇联2019 年 1 月至"):
        baseline(branch, "2019-12", "2020-06")
    baseline(branch, "2020-01", "2020-06")
    baseline(branch, "2019-01", "2019-12", indicator=ATTENDANCE)


def test_branches_beside_each_other_each_have_their_own(street, sister_street):
    baseline(street)
    baseline(sister_street)

    assert Baseline.objects.count() == 2


def test_a_programme_is_part_of_the_whole_and_of_its_parent(street):
    parent = ProgrammeFactory(slug="women")
    child = ProgrammeFactory(slug="child", parent=parent)
    other = ProgrammeFactory(slug="other")
    baseline(street, programme=parent)

    baseline(street, programme=other)
    for programme in (None, parent, child):
        with pytest.raises(ValidationError, match="重复计算"):
            baseline(street, programme=programme)


def test_to_change_one_is_no_overlap_with_itself(street):
    row = baseline(street)
    row.value = 130
    row.full_clean()


@pytest.mark.parametrize("code", [ACTIVE, PER_SESSION, "no.such", ""])
def test_only_what_adds_up_has_one(street, code):
    with pytest.raises(ValidationError, match="请从列表中选择|不能为空|不能留空|null"):
        baseline(street, indicator=code)


def test_a_derived_indicator_may_have_one(street):
    derived = DerivedIndicatorFactory()

    baseline(street, indicator=derived.code)


# Beside the figures -------------------------------------------------------------


def test_it_stands_beside_the_periods_that_hold_it_whole(street, community):
    baseline(community, value=12000, is_exact=False, source="2019 年总结第 3 页")

    assert sentences(street.parent, SESSIONS) == [
        "活动场次：2019 年 1 月至 2019 年 12 月 约 12,000 场次"
        "（来源：2019 年总结第 3 页）"
    ]
    assert sentences(community, SESSIONS, first="2019-01", last="2019-12")
    assert sentences(street, SESSIONS, first="2019-02") == []
    assert sentences(street, SESSIONS, last="2019-11") == []
    assert sentences(street, ATTENDANCE) == []


def test_it_says_nothing_of_other_branches(community, second_community):
    baseline(community)

    assert sentences(second_community, SESSIONS) == []


def test_what_the_batches_have_the_campaign_has(street, sister_street, screening):
    code = f"{SCREENING}.2025"
    baseline(street, value=5, indicator=code)
    with pytest.raises(ValidationError, match="重复计算"):
        baseline(street, indicator=SCREENING)
    baseline(sister_street, value=7, indicator=SCREENING)
    with pytest.raises(ValidationError, match="重复计算"):
        baseline(sister_street, indicator=code)

    assert " 12 人" in sentences(street.parent, SCREENING)[0]
    assert " 5 人" in sentences(street.parent, code)[0]
    assert sentences(street.parent, f"{SCREENING}.2026") == []


def test_several_are_added_and_all_their_papers_named(street, sister_street):
    baseline(street, value=100, source="街道台账")
    baseline(sister_street, "2020-01", "2020-12", value=20, source="双山台账")

    assert sentences(street.parent, SESSIONS) == [
        "活动场次：2019 年 1 月至 2020 年 12 月 120 场次（来源：街道台账；双山台账）"
    ]


def test_a_stock_is_what_there_was_last(street):
    baseline(street, value=100, indicator=EXISTING)
    baseline(street, "2020-01", "2020-12", value=110, indicator=EXISTING)

    [sentence] = sentences(street, EXISTING)
    assert "2020 年 1 月至 2020 年 12 月 110 个" in sentence


def test_a_programme_asked_for_shows_its_own_only(street):
    programme = ProgrammeFactory(slug="women")
    other = ProgrammeFactory(slug="other")
    baseline(street, programme=programme, value=7)
    baseline(street, programme=other, value=8)

    [sentence] = sentences(street, SESSIONS, programme=programme)
    assert " 7 场次" in sentence
    [sentence] = sentences(street, SESSIONS)
    assert " 15 场次" in sentence


def test_page_and_wide_files_say_it_and_the_figures_do_not_hold_it(
    client, district_admin, street
):
    baseline(street, value=12000, is_exact=False, source="2019 年总结")
    client.force_login(district_admin)
    period = {"from": "2019-01", "to": "2019-12", "indicator": SESSIONS}

    page = client.get("/rollups/", period)
    assert "另有期初数" in page.content.decode()
    assert "约 12,000 场次（来源：2019 年总结）" in page.content.decode()
    assert page.context["wide"]["rows"][0]["cells"][0]["text"] in ("0", "—")
    csv = client.get("/rollups/monthly.csv", period | {"layout": "wide"})
    assert "另有期初数" in b"".join(csv.streaming_content).decode()
    long = client.get("/rollups/monthly.csv", period)
    assert "期初数" not in b"".join(long.streaming_content).decode()
