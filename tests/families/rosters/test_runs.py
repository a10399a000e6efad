"""What only the register of households does on the way of an import."""

import io
from datetime import date

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from families.models import Household
from federation.imports import refused, runs
from federation.models import Mark
from tests.factories import HouseholdFactory, InspectionFactory
from tests.families.rosters.conftest import notes, previewed, reasons, registered
from tests.federation.imports import books

pytestmark = pytest.mark.django_db

HEADER = ["户号", "户主", "村组", "门牌", "电话"]
ROSTER = books.csv(
    [
        HEADER,
        [1, "孟桂芳", "1组", "7号", "13800138001"],
        [2, "李秀英", "1组", "9号", ""],
    ]
)


def test_a_written_run_marks_and_logs_each_household(take_in, community):
    Mark.objects.all().delete()

    take_in(ROSTER, branch=community, entered_on="2022-03-05")

    assert Mark.objects.filter(branch=community, month=date(2022, 3, 1)).exists()
    logged = LogEntry.objects.get_for_model(Household)
    assert logged.count() == 2
    for secret in ("孟桂芳", "7号", "13800138001"):
        assert secret not in str(list(logged.values()))


@pytest.mark.parametrize("days", ["2999-01-01", "0206-01-01"])
def test_the_day_of_registration_is_one_that_was(
    client, street_reviewer, community, days
):
    client.force_login(street_reviewer)
    page = client.post(
        reverse("admin:federation_importrun_start", args=["households"]),
        {
            "branch": community.pk,
            "file": io.BytesIO(ROSTER),
            "entered_on": days,
        },
    )
    assert page.context["form"].errors["entered_on"]


def test_an_import_is_undone_as_a_whole(take_in, community, street_reviewer):
    old = HouseholdFactory(
        branch=community, number=1, contact_name="孟庆国", group="1组", door="7号"
    )
    run = take_in(ROSTER, branch=community)
    old.refresh_from_db()
    assert (old.contact_name, old.initials, old.phone) == (
        "孟桂芳",
        "mgf",
        "13800138001",
    )

    runs.undo(run, street_reviewer)

    old.refresh_from_db()
    assert (old.contact_name, old.initials, old.phone) == ("孟庆国", "mqg", "")
    assert Household.objects.count() == 1


@pytest.mark.parametrize("touch", ["changed", "inspected"])
def test_what_was_touched_since_is_not_undone(
    take_in, community, street_reviewer, touch
):
    run = take_in(ROSTER, branch=community)
    household = Household.objects.get(number=2)
    if touch == "changed":
        household.door = "10号"
        household.save()
    else:
        InspectionFactory(household=household)

    with pytest.raises(ValidationError, match="不能整批撤销"):
        runs.undo(run, street_reviewer)

    assert Household.objects.count() == 2


def test_refused_lines_come_back_and_are_handed_in_again(
    take_in, hand_in, community, client, street_reviewer
):
    content = books.xlsx(
        {
            "明一社区": [
                [*HEADER, "身份证号"],
                [1, "孟桂芳", "1组", "7号", "", "370181198503120000"],
                ["甲", "李秀英", "1组", "9号", "", "370181198503120000"],
            ]
        }
    )
    run = take_in(content)
    client.force_login(street_reviewer, "federation.auth.ScopeBackend")

    answer = client.get(reverse("admin:federation_importrun_refused", args=[run.pk]))

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    lines = [[cell.value for cell in row] for row in book.active.rows]
    assert lines[1][:5] == [
        "户号“甲”应为整数，请核对。",
        "明一社区",
        3,
        "明一社区妇联",
        "甲",
    ]
    header, rows = refused.sheet_of(run)
    rows[0][header.index("户号")] = "2"
    again = hand_in(books.xlsx({"户表": [header, *rows]}))
    assert [line[:4] for line in previewed(again)] == [
        ("create", 2, "明一社区妇联", "2 号 李秀英")
    ]
    assert notes(again) == []


def test_a_village_takes_in_its_own_roster(
    hand_in, village_clerk, community, second_community
):
    run = hand_in(ROSTER, branch=community, user=village_clerk)

    assert run.create_count == 2
    with pytest.raises(ValidationError, match="没有在明二社区妇联导入"):
        hand_in(ROSTER, branch=second_community, user=village_clerk)


def test_another_villages_own_list_is_not_taken_for_ones_own(
    hand_in, community, second_community, village_clerk
):
    rows = [
        ["明二社区家庭户名册", "", ""],
        ["户号", "户主", "门牌"],
        [1, "赵兰", "1号"],
    ]

    run = hand_in(books.csv(rows), branch=community, user=village_clerk)

    assert "“明二社区妇联”不在明一社区妇联范围内" in reasons(run)[3]


def test_two_families_behind_one_door_stay_two(take_in, hand_in, community):
    header = ["户主", "村组", "门牌"]
    take_in(books.csv([header, ["孟桂芳", "1组", "7号"]]), branch=community)

    run = hand_in(
        books.csv([header, ["孟庆国", "1组", "7号"], ["孟桂芳", "1组", "7号"]]),
        branch=community,
    )

    assert [line[0] for line in previewed(run)] == ["create", "unchanged"]


def test_a_number_that_comes_later_is_not_given_away(take_in, community):
    rows = [["户号", "户主", "门牌"], ["", "孟桂芳", "7号"], [1, "李秀英", "9号"]]

    take_in(books.csv(rows), branch=community)

    assert [row[1:3] for row in registered()] == [(1, "李秀英"), (2, "孟桂芳")]


def test_who_was_registered_without_numbers_is_known_when_they_come(
    take_in, hand_in, community
):
    take_in(books.csv([["户主", "门牌"], ["孟桂芳", "7号"]]), branch=community)

    run = hand_in(
        books.csv(
            [["户号", "户主", "门牌"], [12, "孟桂芳", "7号"], [1, "李秀英", "9号"]]
        ),
        branch=community,
    )

    assert previewed(run)[0][3:] == ("1 号 孟桂芳", "已登记为 1 号户，户号不改")
    assert reasons(run)[3].startswith("1 号户登记的是“孟桂芳”")


names = st.sampled_from(["孟桂芳", "李秀英", "王芳", "赵兰"])
numbers = st.sampled_from(["", "1", "2", "3", "7"])
groups = st.sampled_from(["", "1组", "二组"])
doors = st.sampled_from(["", "7号", "9号"])
rosters = st.lists(st.tuples(numbers, names, groups, doors), max_size=8)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=rosters,
    by=st.sampled_from(["户号", "序号"]),
    order=st.randoms(use_true_random=False),
)
def test_a_roster_taken_in_twice_adds_nothing_in_any_order(
    hand_in, community, street_reviewer, rows, by, order
):
    def taken_in(lines):
        content = books.csv([[by, "户主", "村组", "门牌"], *lines])
        run = hand_in(content, branch=community)
        if run.write_count:
            runs.confirm(run, street_reviewer)
            assert runs.carry_out() == 1
        return run

    Household.objects.all().delete()
    if not rows:
        return
    first = taken_in(rows)
    before = registered()
    assert len(before) == first.create_count
    again = taken_in(rows)
    assert (again.create_count, again.change_count) == (0, 0)
    order.shuffle(rows)
    shuffled = taken_in(rows)
    assert shuffled.create_count == 0
    assert len(registered()) == len(before)
