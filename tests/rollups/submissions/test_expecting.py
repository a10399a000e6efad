"""Who is expected to report a month."""

from datetime import date

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from federation import successions
from federation.months import Month
from federation.successions import Deed
from rollups import engine, submissions
from rollups.models import Expectation, Submission
from tests.factories import BranchFactory
from tests.rollups.submissions.conftest import NOVEMBER, OCTOBER, open_month


def listed(month) -> set[str]:
    rows = Submission.objects.of_month(month)
    return set(rows.values_list("branch__short_name", flat=True))


def deed(day: date) -> Deed:
    return Deed(on=day, reason="区划调整", document_number="章妇〔2026〕9 号")


def test_towns_villages_and_units_are_expected_and_the_district_is_not(
    october, street, sister_street
):
    assert listed(october) == {
        "明水街道",
        "双山街道",
        "明一社区",
        "明二社区",
        "赵家庄社区",
    }
    statuses = Submission.objects.values_list("status", flat=True)
    assert set(statuses) == {"missing"}


@pytest.mark.parametrize(
    ("founded", "closed", "expected"),
    [
        (date(2026, 10, 1), None, True),
        (date(2026, 10, 2), None, False),
        (None, date(2026, 10, 1), True),
        (None, date(2026, 9, 30), False),
    ],
)
def test_it_takes_what_exists_on_the_first_day(
    november, street, founded, closed, expected
):
    branch = BranchFactory(
        code="370114001050", short_name="百脉社区", parent=street, founded_on=founded
    )
    type(branch).objects.filter(pk=branch.pk).update(closed_on=closed)
    Expectation.objects.create(pk=1, since=OCTOBER.first_day)

    open_month(OCTOBER)

    assert ("百脉社区" in listed(OCTOBER)) == expected


def test_a_month_that_opens_by_itself_has_its_list(district, street):
    engine.open_month(Month.current())

    assert listed(Month.current()) == {"明水街道"}


def test_months_before_the_sites_first_are_expected_of_nobody(street):
    engine.recount_range(Month.current().plus(-3), Month.current())

    assert listed(Month.current().previous()) == set()
    assert listed(Month.current()) == {"明水街道"}


def test_to_open_it_is_nobodys_act_and_safe_to_repeat(october):
    before = Submission.objects.count()

    submissions.expect([october])

    assert Submission.objects.count() == before
    assert not LogEntry.objects.get_for_model(Submission).exists()


def test_a_branch_founded_in_the_running_month_joins_as_a_logged_act(october, street):
    open_month(NOVEMBER)

    successions.found(
        deed(date(2026, 11, 2)),
        parent=street,
        name="百脉社区妇联",
        short_name="百脉社区",
        kind="region",
        level="village",
        code="370114001050",
    )

    assert "百脉社区" in listed(NOVEMBER)
    assert "百脉社区" not in listed(october)  # frozen
    [row] = Submission.objects.filter(branch__code="370114001050")
    assert LogEntry.objects.get_for_object(row).get().action == LogEntry.Action.CREATE


def test_branches_brought_by_an_import_join_too(october, street):
    open_month(NOVEMBER)

    BranchFactory(code="370114001050", short_name="百脉社区", parent=street)

    assert "百脉社区" in listed(NOVEMBER)


def test_a_branch_that_closes_leaves_the_running_month_alone(october, community):
    open_month(NOVEMBER)

    successions.close(deed(date(2026, 11, 2)), community)

    assert "明一社区" not in listed(NOVEMBER)
    assert "明一社区" in listed(october)
    deleted = LogEntry.objects.get_for_model(Submission).filter(
        action=LogEntry.Action.DELETE
    )
    assert deleted.count() == 1


def test_what_it_has_reported_stays(october, community):
    open_month(NOVEMBER)
    Submission.objects.of_month(NOVEMBER).filter(branch=community).update(
        status="reported"
    )

    successions.close(deed(date(2026, 11, 2)), community)

    assert "明一社区" in listed(NOVEMBER)


def test_on_the_last_day_the_list_is_frozen(october, street, community, on):
    open_month(NOVEMBER)
    on(date(2026, 11, 30))

    BranchFactory(code="370114001050", short_name="百脉社区", parent=street)
    successions.close(deed(date(2026, 11, 29)), community)

    assert "百脉社区" not in listed(NOVEMBER)
    assert "明一社区" in listed(NOVEMBER)


def test_a_merge_takes_the_merged_branch_out_of_the_month_it_begins_with(
    october, community, second_community
):
    open_month(NOVEMBER)

    successions.merge(deed(date(2026, 11, 1)), [community], into=second_community)

    assert "明一社区" not in listed(NOVEMBER)
    assert "明一社区" in listed(october)


def test_the_district_sets_who_reports_from_the_running_month_on(october, street):
    BranchFactory(
        code="370114001U001",
        short_name="明水商会",
        level="unit",
        kind="new_social",
        parent=street,
    )
    open_month(NOVEMBER)
    assert "明水商会" in listed(NOVEMBER)

    submissions.change_expectation(["village"], ["region"])

    assert listed(NOVEMBER) == {"明一社区", "明二社区", "赵家庄社区"}
    assert "明水街道" in listed(october)
    submissions.change_expectation(["unit", "village"], ["region", "new_social"])
    assert "明水商会" in listed(NOVEMBER)


@pytest.mark.parametrize(
    ("levels", "kinds"), [([], ["region"]), (["town"], []), (["planet"], ["region"])]
)
def test_nobody_at_all_is_refused(october, levels, kinds):
    with pytest.raises(ValidationError):
        submissions.change_expectation(levels, kinds)
