"""A village merges into another: its households go on there, and its past stays."""

from datetime import date

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse

from families import inspections, recognition
from families.models import Household, Inspection, Plate, Recognition
from families.models.choices import Act, Stage
from federation import successions
from federation.models import Branch, Mark
from federation.months import Month
from federation.roles import Role
from rollups import engine
from tests.conftest import staff
from tests.factories import (
    BatchFactory,
    BranchFactory,
    HouseholdFactory,
    InspectionPhotoFactory,
    RecognitionFactory,
)
from tests.families.conftest import DAYS, go_through, look_at, scores
from tests.rollups.naive import assert_is_naive, own_and_total

DAY, BEFORE = date(2026, 9, 1), date(2026, 8, 31)
JUNE, AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (6, 8, 9, 10))


def deed(on=DAY):
    return successions.Deed(on, "村庄合并", "章政〔2026〕9号")


@pytest.fixture
def months(db):
    for month in Month.range(Month(2026, 1), Month(2026, 11)):
        engine.open_month(month)


@pytest.fixture
def successor(street):
    return BranchFactory(code="370114001009", short_name="明九社区", parent=street)


@pytest.fixture
def neighbour(successor):
    return HouseholdFactory(branch=successor, number=40)


def merge(*branches, into, on=DAY):
    successions.merge(deed(on), list(branches), into=into)


def stock(code, branch, month) -> tuple[int, int]:
    return tuple(map(int, own_and_total(f"families.{code}", branch, month)))


# The households --------------------------------------------------------------------


def test_they_go_on_under_the_next_numbers_with_all_they_have(
    community, successor, neighbour, households
):
    first = households[0]
    Household.objects.filter(pk=first.pk).update(
        group="3组", door="12号", phone="13800138001"
    )

    merge(community, into=successor)

    rows = Household.objects.filter(branch=successor).order_by("number")
    assert [row.number for row in rows] == [40, 41, 42, 43]
    assert [row.pk for row in rows[1:]] == [row.pk for row in households]
    row = rows[1]
    assert (row.contact_name, row.initials) == (first.contact_name, first.initials)
    assert (row.group, row.door, row.phone) == ("3组", "12号", "13800138001")
    assert (row.entered_on, row.left_on, row.purge_on) == (DAY, None, None)
    assert row.inspections.count() == 1
    for row in rows:
        row.full_clean()


def test_what_stays_behind_says_nothing_of_the_family(community, successor, households):
    Household.objects.update(group="3组", door="12号", phone="13800138001")

    merge(community, into=successor)

    stays = Household.objects.filter(branch=community).order_by("number")
    assert [row.number for row in stays] == [1, 2, 3]
    assert [row.continued_as_id for row in stays] == [row.pk for row in households]
    for row in stays:
        private = (row.contact_name, row.initials, row.group, row.door, row.phone)
        assert private == ("", "", "", "", "")
        assert (row.entered_on, row.left_on) == (date(2022, 1, 1), DAY)


def test_whoever_left_before_stays_and_whoever_came_since_comes_whole(
    community, successor, office
):
    """The act is often recorded weeks after the day on which it takes effect."""
    left = HouseholdFactory(branch=community, number=1, left_on=BEFORE)
    on_the_day = HouseholdFactory(branch=community, number=2, left_on=DAY)
    later = HouseholdFactory(branch=community, number=3, left_on=date(2026, 9, 9))
    came = HouseholdFactory(branch=community, number=4, entered_on=DAY)
    since = HouseholdFactory(
        branch=community,
        number=5,
        entered_on=date(2026, 9, 5),
        left_on=date(2026, 9, 7),
    )

    merge(community, into=successor)

    def where(row):
        row.refresh_from_db()
        return row.branch.code, row.number, row.entered_on, row.left_on

    old, new = community.code, successor.code
    assert where(left) == (old, 1, date(2022, 1, 1), BEFORE)
    assert where(on_the_day) == (old, 2, date(2022, 1, 1), DAY)
    assert where(later) == (new, 1, DAY, date(2026, 9, 9))
    assert where(came) == (new, 2, DAY, None)
    assert where(since) == (new, 3, date(2026, 9, 5), date(2026, 9, 7))
    assert Household.objects.filter(continued_as__isnull=False).count() == 1


def test_it_may_merge_again(community, successor, recognised, months, street):
    third = BranchFactory(code="370114001011", short_name="明十一社区", parent=street)
    merge(community, into=successor, on=date(2026, 8, 1))
    merge(successor, into=third, on=date(2026, 10, 1))
    engine.drain_marks()

    assert_is_naive()
    for month, place in (
        (Month(2026, 7), community),
        (SEPTEMBER, successor),
        (OCTOBER, third),
    ):
        assert stock("households", place, month) == (3, 3)
        assert stock("recognised_households", place, month) == (3, 3)
        assert stock("households", street, month)[1] == 3
    assert stock("granted_households", street, JUNE)[1] == 3
    row = Recognition.objects.get(pk=recognised[0].pk)
    assert row.recognised_on == DAYS[Act.GRANT]
    household = row.household
    assert [household.village_on(date(2026, month, 15)) for month in (7, 9, 10)] == [
        community,
        successor,
        third,
    ]


# The figures -----------------------------------------------------------------------


def test_the_past_stays_and_nothing_is_newly_granted_or_revoked(
    community, successor, neighbour, recognised, street, months
):
    engine.drain_marks()
    past = {
        (month, code): stock(code, community, month)
        for month in (JUNE, AUGUST)
        for code in ("households", "recognised_households", "granted_households")
    }
    assert past[JUNE, "granted_households"] == (3, 3)

    merge(community, into=successor)
    assert Mark.objects.exists()
    engine.drain_marks()

    assert_is_naive()
    for (month, code), figures in past.items():
        assert stock(code, community, month) == figures
    assert stock("households", successor, AUGUST) == (1, 1)
    assert stock("recognised_households", successor, AUGUST) == (0, 0)
    for month in (SEPTEMBER, OCTOBER):
        assert stock("households", community, month) == (0, 0)
        assert stock("households", successor, month) == (4, 4)
        assert stock("recognised_households", successor, month) == (3, 3)
        assert stock("recognised_households", street, month) == (0, 3)
        for flow in ("granted_households", "revoked_households"):
            assert stock(flow, street, month) == (0, 0)


def test_what_was_seen_granted_and_revoked_since_then_counts_in_the_successor(
    community, successor, recognised, office, batch, street, months
):
    late = HouseholdFactory(branch=community, number=9)
    look_at(office.village, late)
    second = BatchFactory(
        branch=batch.branch,
        published_from=date(2026, 9, 2),
        published_until=date(2026, 9, 3),
    )
    recognition.apply(office.village, second, date(2026, 8, 20), households=[late])
    rows = second.recognitions.all()
    for act, day in ((Act.ASSESS, 21), (Act.REVIEW, 22)):
        recognition.advance(office.street, act, rows, date(2026, 8, day))
    recognition.advance(office.street, Act.PUBLISH, rows, date(2026, 9, 2))
    recognition.advance(office.district, Act.GRANT, rows, date(2026, 9, 4))
    for row, day in zip(recognised, (BEFORE, DAY, date(2026, 9, 5)), strict=True):
        one = Recognition.objects.filter(pk=row.pk)
        recognition.revoke(office.street, one, day, "整改不到位")
    look_at(office.village, late, date(2026, 9, 6))

    merge(community, into=successor)
    engine.drain_marks()

    assert_is_naive()
    assert stock("revoked_households", community, AUGUST) == (1, 1)
    assert stock("recognised_households", community, AUGUST) == (2, 2)
    assert stock("granted_households", successor, SEPTEMBER) == (1, 1)
    assert stock("revoked_households", successor, SEPTEMBER) == (2, 2)
    assert stock("inspections", successor, SEPTEMBER) == (1, 1)
    assert stock("recognised_households", street, SEPTEMBER)[1] == 1


def test_the_list_behind_a_past_figure_leads_to_where_they_are(
    client, community, successor, recognised, district_admin, months
):
    merge(community, into=successor)
    engine.drain_marks()
    client.force_login(district_admin)

    for code, first in (
        ("households", f"household/{recognised[0].household_id}"),
        ("recognised_households", f"recognition/{recognised[0].pk}"),
    ):
        page = client.get(
            "/rollups/records/",
            {
                "indicator": f"families.{code}",
                "month": "2026-08",
                "branch": "370114001",
            },
        )
        assert f"/admin/families/{first}/change/" in page.content.decode()


# The way of a recognition ----------------------------------------------------------


@pytest.fixture
def heir(successor):
    """Whoever now works for the households."""
    return staff(successor, Role.CLERK, "heir")


def test_the_plate_is_genuine_in_the_village_of_today(
    client, community, successor, recognised, district, office
):
    merge(community, into=successor)
    row = Recognition.objects.get(pk=recognised[0].pk)

    page = client.get(f"/families/plates/{row.plate.token}/").content.decode()

    assert "是真的，现在有效" in page
    assert "明九社区" in page
    assert "明一社区" not in page
    assert "2026 年 6 月 10 日" in page
    assert Plate.objects.count() == 3


def test_what_was_on_its_way_goes_on_with_the_heir(
    community, successor, households, office, batch, heir
):
    go_through(office, batch, Act.APPLY, households=households)
    day = date(2026, 9, 10)
    merge(community, into=successor)

    rows = Recognition.objects.visible_to(heir).on_the_way()
    with pytest.raises(ValidationError, match="还没有登记或已经注销"):
        recognition.advance(heir, Act.ASSESS, rows, BEFORE)

    assert recognition.advance(heir, Act.ASSESS, rows, day) == 3


def test_mending_goes_on_and_asks_for_a_look_since_the_warning(
    community, successor, recognised, office, heir
):
    row = Recognition.objects.filter(pk=recognised[0].pk)
    warned = date(2026, 8, 20)
    recognition.warn(office.street, row, warned, date(2026, 9, 20), "院里堆柴")
    merge(community, into=successor)

    with pytest.raises(ValidationError, match="还没有回访"):
        recognition.mend(office.street, row.all(), date(2026, 9, 10))
    household = Household.objects.get(pk=recognised[0].household_id)
    look_at(heir, household, date(2026, 9, 9))

    assert recognition.mend(office.street, row.all(), date(2026, 9, 10)) == 1


def test_a_plate_is_not_taken_back_before_the_merger(
    community, successor, recognised, office
):
    merge(community, into=successor)
    rows = Recognition.objects.filter(pk=recognised[0].pk)

    with pytest.raises(ValidationError, match="随村转来"):
        recognition.revoke(office.street, rows, BEFORE, "整改不到位")
    assert recognition.revoke(office.street, rows, DAY, "整改不到位") == 1


def test_a_look_that_the_phone_sends_late_counts_where_it_was_made(
    client, community, successor, households, heir
):
    household = households[0]
    token = "6f1f3a86-98f4-4f0c-8a57-3d0d6e2a3d10"
    merge(community, into=successor)
    client.force_login(heir)
    sent = {
        "token": token,
        "household": household.pk,
        "kind": "village",
        "inspected_on": "2026-08-30",
        "scores": {str(key): value for key, value in scores().items()},
    }

    for _ in range(2):
        answer = client.post(
            f"/families/walk/{community.code}/send/", sent, "application/json"
        )
        assert answer.status_code == 200, answer.content.decode()

    row = Inspection.objects.get(client_token=token)
    assert (row.branch, row.household_id) == (community, household.pk)
    assert client.get(f"/families/walk/{community.code}/").status_code == 200


def test_an_old_look_can_still_be_corrected(community, successor, households, office):
    merge(community, into=successor)
    row = households[0].inspections.get()

    inspections.correct(row, office.street, scores=scores(missing=20))

    row.refresh_from_db()
    assert (row.points, row.branch) == (80, community)


def test_the_batches_of_a_street_go_on_too(street, sister_street, community):
    own = BatchFactory(branch=street, name="2026 年示范户")
    BatchFactory(branch=sister_street, name="2026 年示范户")

    merge(street, into=sister_street)

    own.refresh_from_db()
    assert own.branch == sister_street
    assert own.name == "2026 年示范户（原明水街道）"


# Who is told what ------------------------------------------------------------------


def test_nobody_closes_a_village_over_its_households(community, households):
    with pytest.raises(ValidationError, match="还有 3 户家庭户在册.*“合并”"):
        successions.close(deed(), community)

    assert not Branch.objects.get(pk=community.pk).is_closed
    Household.objects.filter(branch=community).update(left_on=DAY)
    successions.close(deed(), community)


def test_nobody_splits_a_village_away_over_its_households(community, households):
    parts = [
        {"code": f"37011400120{n}", "name": f"新{n}村妇联", "short_name": f"新{n}村"}
        for n in (1, 2)
    ]
    with pytest.raises(ValidationError, match="还有 3 户家庭户在册"):
        successions.split(deed(), community, parts=parts, closes=True)

    first, _ = successions.split(deed(), community, parts=parts, closes=False)
    merge(community, into=first, on=date(2026, 10, 1))
    assert Household.objects.filter(branch=first).count() == 3


def test_households_are_of_villages(community, street, households):
    with pytest.raises(ValidationError, match="只能并入村（社区）"):
        merge(community, into=street)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("merge_branch", "户号接着往下编"),
        ("close_branch", "请先办理“合并”"),
        ("split_branch", "分设时它们留在本组织"),
    ],
)
def test_the_form_says_how_many_they_are(
    client, district_admin, community, recognised, act, told
):
    HouseholdFactory(branch=community, number=9)
    client.force_login(district_admin)
    address = reverse(f"admin:federation_branch_{act}", args=[community.pk])

    page = client.get(address).content.decode()

    assert "现有 4 户家庭户在册，其中示范户 3 户，正在申报 0 户" in page
    assert told in page


def test_the_heir_finds_them_and_their_history(
    client, community, successor, recognised, heir, district_admin
):
    merge(community, into=successor)
    client.force_login(heir)
    listed = client.get(reverse("admin:families_household_changelist"))
    assert listed.content.decode().count(" 号　孟桂芳") == 3
    household = recognised[0].household
    page = client.get(
        reverse("admin:families_household_change", args=[household.pk])
    ).content.decode()

    assert "2026-09-01 起由明一社区（1 号，2022-01-01 登记）随村并入" in page
    assert "2026-06-10 区认定" in page
    assert "2026-03-02 村评" in page
    seen = household.inspections.get()
    address = reverse("admin:families_inspection_change", args=[seen.pk])
    page = client.get(address)
    assert page.status_code == 200
    assert "明九社区 1 号户" in page.content.decode()
    photo = InspectionPhotoFactory(inspection=seen)
    picture = reverse("families:inspection_photo", args=[photo.key])
    assert client.get(picture).status_code == 200
    stays = Household.objects.filter(branch=community).first()
    client.force_login(district_admin)
    address = reverse("admin:families_household_change", args=[stays.pk])
    assert client.get(address).status_code == 302
    listed = client.get(reverse("admin:families_recognition_changelist"))
    assert listed.content.decode().count("明九社区") >= 3
    assert "明一社区 1 号户" not in listed.content.decode()


def test_the_board_of_the_batch_counts_each_once(
    client, community, successor, recognised, batch, district_admin, street
):
    merge(community, into=successor)
    client.force_login(district_admin)
    query = {"branch": street.pk, "stage": "granted"}

    rows = client.get(reverse("admin:families_batch_rows", args=[batch.pk]), query)
    board = client.get(reverse("admin:families_batch_board", args=[batch.pk]))

    assert len(rows.context["rows"].object_list) == 3
    [line] = [one for one in board.context["lines"] if one.total]
    assert line.total == 3


def test_neither_what_stays_nor_the_day_of_the_merger_can_be_changed(
    community, successor, households
):
    merge(community, into=successor)
    stays = Household.objects.filter(branch=community).first()
    stays.left_on = None
    with pytest.raises(ValidationError, match="随村并到别的村"):
        stays.full_clean()
    moved = Household.objects.filter(branch=successor).first()
    moved.entered_on = date(2026, 8, 1)
    with pytest.raises(ValidationError, match="登记日期就是合并的那天"):
        moved.full_clean()


def test_nobody_registers_in_a_village_that_is_gone(community, successor, households):
    merge(community, into=successor)
    new = Household(branch=community, number=50, contact_name="于桂香", entered_on=DAY)

    with pytest.raises(ValidationError, match="请登记到承接的村"):
        new.full_clean()
    left = HouseholdFactory(branch=community, number=60, left_on=BEFORE)
    left.full_clean()
    left.left_on = None
    with pytest.raises(ValidationError, match="请登记到承接的村"):
        left.full_clean()


def test_every_row_of_it_is_in_the_log(community, successor, recognised):
    LogEntry.objects.all().delete()

    merge(community, into=successor)

    seen = LogEntry.objects.filter(content_type__app_label="families")
    assert seen.filter(content_type__model="household", action=1).count() == 3
    assert seen.filter(content_type__model="household", action=0).count() == 3
    assert seen.filter(content_type__model="recognition", action=1).count() == 3


def test_a_village_of_six_hundred_is_written_in_sets_not_row_by_row(
    community, successor, district, django_assert_max_num_queries
):
    Household.objects.bulk_create(
        HouseholdFactory.build(branch=community, number=n) for n in range(1, 601)
    )
    batch = BatchFactory(branch=district)
    Recognition.objects.bulk_create(
        RecognitionFactory.build(
            household=row,
            branch=community,
            batch=batch,
            stage=Stage.GRANTED,
            granted_on=date(2026, 6, 10),
            review_due_on=date(2029, 6, 10),
        )
        for row in Household.objects.all()
    )

    with django_assert_max_num_queries(150):
        merge(community, into=successor)

    assert Household.objects.filter(branch=successor).count() == 600
    assert Recognition.objects.in_force(DAY).count() == 600
    assert Recognition.objects.in_force(BEFORE).count() == 600
