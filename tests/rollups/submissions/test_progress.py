"""How far a month's reporting is, in tree order, and who is missing."""

from datetime import date

import pytest

from federation import successions
from rollups import submissions
from rollups.models import Submission
from rollups.submissions.progress import Counts, progress
from tests.factories import BranchFactory
from tests.rollups.submissions.conftest import NOVEMBER, open_month
from tests.rollups.submissions.test_expecting import deed


def so_far(branch, month, rows=None):
    rows = Submission.objects.all() if rows is None else rows
    return progress(rows, branch, month, submissions.due_of(month))


def put(branch, month, **values):
    Submission.objects.of_month(month).filter(branch=branch).update(**values)


@pytest.fixture
def mixed(october, street, community, second_community):
    """One reported in time, one late zero; the other street and its village silent."""
    moment = submissions.due_of(october)
    put(street, october, status="reported", reported_at=moment)
    put(
        community,
        october,
        status="zero",
        sessions=0,
        attendance=0,
        reported_at=moment,
        is_late=True,
    )
    put(second_community, october, status="returned", reported_at=moment)
    return october


def test_the_district_has_one_line_for_each_street(mixed, district):
    found = so_far(district, mixed)

    assert found.total == Counts(
        expected=5, reported=1, zero=1, missing=2, returned=1, on_time=2
    )
    assert [line.name for line in found.lines] == ["明水街道妇联", "双山街道妇联"]
    own, sister = (line.counts for line in found.lines)
    assert own == Counts(expected=3, reported=1, zero=1, returned=1, on_time=2)
    assert sister == Counts(expected=2, missing=2)
    assert own.punctuality == "66%"
    assert Counts().punctuality == "—"


def test_each_line_opens_to_who_is_left(mixed, district):
    own, sister = so_far(district, mixed).lines

    assert [(one.name, one.label) for one in own.left] == [("明二社区妇联", "退回")]
    assert [one.name for one in sister.left] == ["双山街道妇联", "赵家庄社区妇联"]
    assert own.own.label == "已报"


def test_a_street_has_itself_and_its_villages(mixed, street):
    found = so_far(street, mixed)

    assert [(line.name, line.own.label) for line in found.lines] == [
        ("明水街道妇联", "已报"),
        ("明一社区妇联", "零报告"),
        ("明二社区妇联", "退回"),
    ]
    assert all(line.is_single for line in found.lines)
    assert found.lines[1].own.is_late


def test_it_shows_nothing_out_of_sight(mixed, district, street_reviewer):
    rows = Submission.objects.visible_to(street_reviewer)

    assert so_far(district, mixed, rows).total.expected == 3


def test_every_month_keeps_its_own_tree(
    october, street, sister_street, community, second_community
):
    open_month(NOVEMBER)
    successions.transfer(deed(date(2026, 11, 1)), community, parent=sister_street)

    then = [line.code for line in so_far(street, october).lines]
    now = [line.code for line in so_far(street, NOVEMBER).lines]

    assert community.code in then
    assert community.code not in now
    assert so_far(sister_street, NOVEMBER).total.expected == 3


def test_a_unit_of_the_street_is_a_line_like_its_villages(october, street, on):
    BranchFactory(
        code="370114001U001",
        short_name="明水商会",
        level="unit",
        kind="new_social",
        parent=street,
    )
    open_month(NOVEMBER)

    assert "明水商会妇联" in [line.name for line in so_far(street, NOVEMBER).lines]


def test_the_text_for_the_group_names_who_is_missing_in_tree_order(mixed, district):
    text = so_far(district, mixed).chasing_text

    assert text.startswith("【2026 年 10 月活动报送】")
    assert "11 月 5 日 18:00" in text
    assert "还没有报（2 个）：\n双山街道：双山街道、赵家庄社区" in text
    assert "被退回、待改（1 个）：\n明水街道：明二社区" in text
    assert "明一社区" not in text


def test_nobody_is_chased_when_all_have_reported(mixed, district):
    Submission.objects.update(status="reported")

    assert so_far(district, mixed).chasing_text == ""


def test_it_costs_the_same_queries_whatever_its_rows(
    mixed, district, sister_street, django_assert_num_queries
):
    rows = Submission.objects.all()
    due = submissions.due_of(mixed)
    with django_assert_num_queries(5):
        progress(rows, district, mixed, due)
    for n in range(30):
        branch = BranchFactory(code=f"370114002{n + 100}", parent=sister_street)
        Submission.objects.create(branch=branch, month=mixed.first_day)
    with django_assert_num_queries(5):
        progress(rows, district, mixed, due)
