"""The acts on the tree: what stands where in which month, and what is refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from federation import successions
from federation.models import Branch, Placement, ReportingMonth, Succession
from federation.months import SINCE_EVER, UNTIL_EVER, Month, local_today
from federation.successions import Deed
from tests.factories import BranchFactory

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
RIDERS = {
    "name": "青年骑手妇联",
    "short_name": "青年骑手",
    "kind": Branch.Kind.NEW_JOBS,
    "level": Branch.Level.UNIT,
}


def deed(on: date) -> Deed:
    return Deed(on=on, reason="区划调整", document_number="章妇〔2026〕1号")


def places(branch) -> list[tuple]:
    """Return (from, until, parent's code) of each placement, oldest first."""
    rows = Placement.objects.filter(branch=branch).order_by("from_month")
    return list(rows.values_list("from_month", "until_month", "parent__code"))


def paths(branch) -> list[str]:
    rows = Placement.objects.filter(branch=branch).order_by("from_month")
    return list(rows.values_list("path", flat=True))


def tree_is_whole(month: date) -> bool:
    tree = Placement.objects.covering(Month.of(month)).select_related("branch")
    stands = {place.branch_id: place.path for place in tree}
    return all(
        place.path == f"{stands.get(place.parent_id, '')}{place.branch.code}/"
        for place in tree
    )


# Founding -----------------------------------------------------------------------


def test_a_unit_is_founded_with_the_next_free_code(street):
    first = successions.found(deed(date(2026, 3, 18)), parent=street, **RIDERS)
    second = successions.found(deed(date(2026, 3, 19)), parent=street, **RIDERS)

    assert [first.code, second.code] == ["370114001U001", "370114001U002"]
    assert places(first) == [(MARCH, UNTIL_EVER, "370114001")]
    act = Succession.objects.get(branch=first)
    assert (act.act, act.new_parent, act.document_number) == (
        "found",
        street,
        "章妇〔2026〕1号",
    )


def test_a_unit_has_no_units_below_it(street):
    unit = successions.found(deed(MARCH), parent=street, **RIDERS)

    with pytest.raises(ValidationError, match="不能再设单位妇联"):
        successions.found(deed(MARCH), parent=unit, **RIDERS)


def test_a_branch_founded_before_its_parent_moved_stood_below_it_then(
    district, street, sister_street, community
):
    successions.transfer(deed(MAY), community, parent=sister_street)

    unit = successions.found(deed(date(2026, 3, 18)), parent=community, **RIDERS)

    assert paths(unit) == [
        f"370114/370114001/370114001001/{unit.code}/",
        f"370114/370114002/370114001001/{unit.code}/",
    ]
    assert places(unit) == [
        (MARCH, MAY, community.code),
        (MAY, UNTIL_EVER, community.code),
    ]
    assert tree_is_whole(MARCH)
    assert tree_is_whole(MAY)


def test_a_branch_that_was_always_there_stood_wherever_its_parent_did(
    street, sister_street, community
):
    successions.transfer(deed(MAY), community, parent=sister_street)

    old = BranchFactory(code="370114001001001", parent=community)

    assert places(old) == [
        (SINCE_EVER, MAY, community.code),
        (MAY, UNTIL_EVER, community.code),
    ]
    assert tree_is_whole(MARCH)


def test_nothing_is_founded_below_a_branch_before_it_was_or_after_it_ended(street):
    young = BranchFactory(code="370114001009", parent=street, founded_on=MAY)
    with pytest.raises(ValidationError, match="不存在"):
        successions.found(deed(MARCH), parent=young, **RIDERS)

    successions.close(deed(date(2026, 6, 30)), young)
    with pytest.raises(ValidationError, match="已登记在 2026-06-30 撤销"):
        successions.found(deed(date(2026, 6, 1)), parent=young, **RIDERS)


# Closing ------------------------------------------------------------------------


def test_a_closed_branch_stands_until_its_month_is_over(community):
    successions.close(deed(date(2026, 3, 18)), community)

    assert places(community) == [(SINCE_EVER, date(2026, 4, 1), "370114001")]
    assert community.exists_on(date(2026, 3, 18))
    assert not community.exists_on(date(2026, 3, 19))


def test_a_branch_with_living_ones_below_is_not_closed(street, community):
    with pytest.raises(ValidationError, match="请先划转或撤销它们"):
        successions.close(deed(MARCH), street)

    successions.close(deed(MARCH), community)
    successions.close(deed(date(2026, 3, 20)), street)


def test_a_branch_is_not_closed_over_the_head_of_one_founded_later(street):
    successions.found(deed(MAY), parent=street, **RIDERS)

    with pytest.raises(ValidationError, match="请先划转或撤销它们"):
        successions.close(deed(MARCH), street)


def test_a_branch_is_closed_once(community):
    successions.close(deed(date(2026, 6, 30)), community)

    with pytest.raises(ValidationError, match="已登记在 2026-06-30 撤销"):
        successions.close(deed(date(2026, 3, 31)), community)

    assert places(community) == [(SINCE_EVER, date(2026, 7, 1), "370114001")]


def test_a_branch_is_not_closed_before_what_happened_to_it_later(community):
    successions.rename(deed(MAY), community, name="明水一社区妇联", short_name="明水一")

    with pytest.raises(ValidationError, match="2026-05 已有更晚的变动"):
        successions.close(deed(date(2026, 3, 31)), community)


# Names --------------------------------------------------------------------------


def test_earlier_months_keep_the_old_name(community):
    successions.rename(deed(MAY), community, name="明水一社区妇联", short_name="明水一")

    rows = Placement.objects.filter(branch=community).order_by("from_month")
    assert [row.name for row in rows] == ["明一社区妇联", "明水一社区妇联"]
    assert Branch.objects.get(pk=community.pk).initials == "msy"


# Moving -------------------------------------------------------------------------


def test_a_move_takes_along_all_that_is_below(street, sister_street, community):
    unit = successions.found(deed(date(2026, 1, 9)), parent=community, **RIDERS)

    successions.transfer(deed(MARCH), community, parent=sister_street)

    unit.refresh_from_db()
    assert unit.path == f"370114/370114002/370114001001/{unit.code}/"
    assert unit.parent == community
    assert places(community) == [
        (SINCE_EVER, MARCH, "370114001"),
        (MARCH, UNTIL_EVER, "370114002"),
    ]
    assert all(tree_is_whole(month) for month in (date(2026, 2, 1), MARCH, MAY))


def test_a_move_takes_along_one_that_will_close(street, sister_street, community):
    unit = successions.found(deed(date(2026, 1, 9)), parent=community, **RIDERS)
    successions.close(deed(date(2026, 6, 30)), unit)

    successions.transfer(deed(MARCH), community, parent=sister_street)

    assert places(unit) == [
        (date(2026, 1, 1), MARCH, community.code),
        (MARCH, date(2026, 7, 1), community.code),
    ]
    assert tree_is_whole(MAY)


def test_a_move_there_and_back_leaves_three_places(street, sister_street, community):
    successions.transfer(deed(MARCH), community, parent=sister_street)
    successions.transfer(deed(MAY), community, parent=street)

    assert [parent for *_, parent in places(community)] == [
        "370114001",
        "370114002",
        "370114001",
    ]
    assert Branch.objects.get(pk=community.pk).path == (
        "370114/370114001/370114001001/"
    )


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2026, 3, 2), "从某月 1 日起生效"),
        (Month.current().next().first_day, "还没到"),
    ],
)
def test_a_move_begins_on_the_first_of_a_month_that_has_come(
    sister_street, community, day, sentence
):
    with pytest.raises(ValidationError, match=sentence):
        successions.transfer(deed(day), community, parent=sister_street)


def test_a_closed_month_keeps_its_tree(sister_street, community):
    ReportingMonth.objects.create(month=MAY, status=ReportingMonth.Status.CLOSED)

    with pytest.raises(ValidationError, match="2026 年 5 月已"):
        successions.transfer(deed(MARCH), community, parent=sister_street)

    successions.transfer(deed(date(2026, 6, 1)), community, parent=sister_street)


def test_there_is_no_move_below_itself_nor_to_where_it_stands(street, community):
    with pytest.raises(ValidationError, match="它自己或它的下级"):
        successions.transfer(deed(MARCH), street, parent=community)
    with pytest.raises(ValidationError, match="本来就属于"):
        successions.transfer(deed(MARCH), community, parent=street)


def test_a_branch_stands_below_a_higher_one(street, sister_street, sister_community):
    with pytest.raises(ValidationError, match="层级不高于"):
        successions.transfer(deed(MARCH), street, parent=sister_community)


def test_a_move_is_not_slipped_in_before_a_later_one(
    street, sister_street, community, sister_community
):
    successions.transfer(deed(MAY), community, parent=sister_street)
    unit = BranchFactory(code="370114002U001", parent=sister_street, level="unit")

    with pytest.raises(ValidationError, match="2026-05 已有更晚的变动"):
        successions.transfer(deed(MARCH), community, parent=street)
    # Nor below a branch that itself moved later.
    with pytest.raises(ValidationError, match="2026-05 已有更晚的变动"):
        successions.transfer(deed(MARCH), unit, parent=community)


# Merging and splitting ----------------------------------------------------------


def test_a_merger_hands_over_what_lay_below_and_ends_the_day_before(
    street, sister_street, community, second_community
):
    successions.merge(deed(MARCH), [street], into=sister_street)

    street.refresh_from_db()
    community.refresh_from_db()
    assert street.closed_on == date(2026, 2, 28)
    assert community.parent == sister_street
    assert places(street) == [(SINCE_EVER, MARCH, "370114")]
    act = Succession.objects.get(branch=street)
    assert list(act.successors.all()) == [sister_street]
    assert tree_is_whole(MARCH)


def test_a_merger_hands_over_what_is_founded_later(street, sister_street):
    unit = successions.found(deed(MAY), parent=street, **RIDERS)

    with pytest.raises(ValidationError, match="2026-05 已有更晚的变动"):
        successions.merge(deed(MARCH), [street], into=sister_street)

    successions.merge(deed(MAY), [street], into=sister_street)
    unit.refresh_from_db()
    assert unit.parent == sister_street


def test_a_split_founds_sisters_and_may_end_the_old_one(street, community):
    part = {"name": "明三社区妇联", "short_name": "明三社区", "code": "370114001003"}

    [founded] = successions.split(deed(MARCH), community, parts=[part], closes=True)

    community.refresh_from_db()
    assert founded.parent == street
    assert founded.founded_on == MARCH
    assert community.closed_on == date(2026, 2, 28)
    assert list(Succession.objects.get().successors.all()) == [founded]


def test_a_refused_act_leaves_nothing_behind(street, sister_street, community):
    unit = successions.found(deed(MAY), parent=street, **RIDERS)
    before = list(Placement.objects.order_by("pk").values())

    with pytest.raises(ValidationError):
        successions.merge(deed(MARCH), [street], into=sister_street)

    assert list(Placement.objects.order_by("pk").values()) == before
    assert Succession.objects.filter(act="merge").count() == 0
    unit.refresh_from_db()
    assert unit.parent == street


def test_names_and_trees_are_not_changed_ahead_of_their_day(community):
    tomorrow = local_today() + timedelta(days=1)

    with pytest.raises(ValidationError, match="还没到，请在生效之日起再办理"):
        successions.rename(
            deed(tomorrow), community, name="新名妇联", short_name="新名"
        )
