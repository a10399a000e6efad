"""The page of one inspection, on which it is corrected."""

from __future__ import annotations

import re
from datetime import date

import pytest
from auditlog.models import LogEntry

from families import recognition
from families.models import Inspection
from families.models.choices import Act, Grade, InspectionKind, Outcome, Stage
from federation.models import ReportingMonth
from tests.factories import HouseholdFactory, RecognitionFactory
from tests.families.conftest import (
    DAYS,
    SEEN_ON,
    go_through,
    look_at,
    look_at_village,
    scores,
)

Kind = InspectionKind
BELOW_MODEL = 20  # points that take a look from 100 below 85


@pytest.fixture
def household(community, office):
    return HouseholdFactory(branch=community, number=7)


def address(row) -> str:
    return f"/admin/families/inspection/{row.pk}/change/"


def answers(missing=0, subject="household", **more) -> dict:
    given = scores(subject=subject, missing=missing)
    return {f"score_{key}": value for key, value in given.items() if value} | more


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_what_was_typed_wrongly_is_corrected(as_user, office, household):
    row = look_at(office.village, household, remark="好", inspectors="王秀英")
    client = as_user("village")
    form = client.get(address(row)).context["form"]
    assert form["remark"].value() == "好"
    assert form["outcome"].value() == ""
    assert [field.value() for field in form.scored()][:2] == [25, 20]

    answer = client.post(address(row), answers(missing=5, remark="重看"), follow=True)

    row.refresh_from_db()
    assert (row.points, row.remark, row.inspectors) == (95, "重看", "")
    assert (row.inspected_on, row.kind, row.household) == (
        SEEN_ON,
        Kind.VILLAGE,
        household,
    )
    seen = text_of(answer)
    assert "95 分，已更正" in seen
    assert "100 分改为 95 分" in seen


def test_an_outcome_by_the_points_follows_them(as_user, office, household):
    row = look_at(office.village, household)
    most = {key: int(value) // 2 for key, value in answers().items()}

    as_user("village").post(address(row), most)

    row.refresh_from_db()
    assert (row.grade, row.outcome) == (Grade.BELOW, Outcome.NOT_MET)


def test_a_date_to_mend_by_is_kept_or_taken_away(as_user, office, household):
    by = date(2026, 4, 1)
    row = look_at(office.village, household, missing=20, mend_by=by)
    client = as_user("village")
    form = client.get(address(row)).context["form"]
    assert (form["outcome"].value(), form["mend_by"].value()) == (Outcome.TO_MEND, by)

    client.post(address(row), answers(missing=20))

    row.refresh_from_db()
    assert (row.outcome, row.mend_by) == (Outcome.MET, None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"outcome": "not_met"}, "得分已达到合格线"),
        ({"outcome": "to_mend"}, "限期整改要写整改期限"),
        ({"mend_by": SEEN_ON.isoformat()}, "整改期限要在评比日期之后"),
        ({"mend_by": "明天"}, "有效的日期"),
        ({"remark": "11010519491231002X"}, "身份证号"),
        ({"remark": "好\x00"}, "remark"),
        ({"remark": "很好" * 120}, "200"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(
    as_user, office, household, changes, sentence
):
    row = look_at(office.village, household)
    typed = answers(missing=3, inspectors="妇联评比小组") | changes

    answer = as_user("village").post(address(row), typed)

    assert answer.status_code == 200
    assert sentence in answer.text
    assert 'value="22"' in answer.text
    assert "妇联评比小组" in answer.text
    row.refresh_from_db()
    assert (row.points, row.inspectors) == (100, "")


@pytest.mark.parametrize("points", ["", "26", "-1", "9" * 40, "好", "\x00"])
def test_points_are_refused_beside_their_question(as_user, office, household, points):
    row = look_at(office.village, household)
    first = next(iter(answers()))

    answer = as_user("village").post(address(row), answers() | {first: points})

    assert answer.status_code == 200
    (sentence,) = answer.context["form"].errors[first]
    assert sentence == (
        "“庭院整洁”打 0 到 25 分的整数。" if points else "还没打分：庭院整洁。"
    )
    row.refresh_from_db()
    assert row.points == 100


def test_day_kind_and_household_stay_whatever_is_sent(as_user, office, household):
    row = look_at(office.village, household)
    other = HouseholdFactory(branch=household.branch, number=8)
    sent = answers(missing=1, kind="district", inspected_on="2026-05-05")

    as_user("village").post(address(row), sent | {"household": other.pk})

    row.refresh_from_db()
    assert (row.points, row.kind) == (99, Kind.VILLAGE)
    assert (row.inspected_on, row.household) == (SEEN_ON, household)


def test_the_standard_of_the_day_is_asked(as_user, office, household):
    row = look_at(office.village, household)
    asked = [f.label for f in as_user("village").get(address(row)).context["form"]]
    assert "庭院整洁（25 分）" in asked

    new = row.standard.__class__.objects.create(
        name="新标准", applies_from=date(2026, 5, 1)
    )
    new.criteria.create(name="庭院", weight=100)

    again = [f.label for f in as_user("village").get(address(row)).context["form"]]
    assert again == asked


# Who ----------------------------------------------------------------------------------


def test_a_village_corrects_no_look_of_the_street(as_user, office, household):
    row = look_at(office.street, household, kind=Kind.TOWN)
    client = as_user("village")

    seen = client.get(address(row))
    assert "“镇街复核”由镇街审核员更正。" in seen.text
    assert "保存更正" not in seen.text
    refused = client.post(address(row), answers(missing=9))

    assert "“镇街复核”由镇街审核员更正。" in refused.text
    row.refresh_from_db()
    assert row.points == 100
    as_user("street").post(address(row), answers(missing=9))
    row.refresh_from_db()
    assert row.points == 91


def test_who_only_reads_is_shown_no_form(client, office, household, auditor):
    row = look_at(office.village, household)
    client.force_login(auditor)

    assert "更正" not in client.get(address(row)).text
    assert client.post(address(row), answers()).status_code == 403


def test_the_log_says_who_corrected_and_not_what_she_wrote(as_user, office, household):
    row = look_at(office.village, household)

    as_user("street").post(address(row), answers(missing=9, remark="东屋堆着柴"))

    entry = LogEntry.objects.get_for_object(row).first()
    assert (entry.actor, entry.action) == (office.street, LogEntry.Action.UPDATE)
    assert entry.changes_dict["points"] == ["100", "91"]
    assert "堆着柴" not in str(entry.changes)
    assert str(office.street) in text_of(as_user("village").get(address(row)))


def test_a_closed_month_does_not_stand_against_it(as_user, office, household):
    row = look_at(office.village, household)
    ReportingMonth.objects.update_or_create(
        month=SEEN_ON.replace(day=1),
        defaults={"status": ReportingMonth.Status.CLOSED, "revision": 1},
    )

    as_user("village").post(address(row), answers(missing=4))

    row.refresh_from_db()
    assert row.points == 96


# What a recognition rests on ---------------------------------------------------------


def seen_of(household) -> Inspection:
    return Inspection.objects.filter(household=household).latest("inspected_on", "pk")


def test_what_a_recognition_rests_on_goes_on_carrying_it(as_user, recognised):
    row = seen_of(recognised[0].household)
    client = as_user("village")
    assert "2026-06-10 的认定或复核是按这次评比办的" in client.get(address(row)).text

    refused = client.post(address(row), answers(missing=BELOW_MODEL, remark="数错了"))

    seen = text_of(refused)
    assert "不能改到示范线以下" in seen
    assert "另登记一次评比" in seen
    assert "数错了" in refused.text
    row.refresh_from_db()
    assert (row.points, row.remark) == (100, "")
    to_mend = answers(missing=1, mend_by="2026-04-01")
    assert "不能改到示范线以下" in client.post(address(row), to_mend).text
    client.post(address(row), answers(missing=15, remark="数错了"))
    row.refresh_from_db()
    assert (row.points, row.remark) == (85, "数错了")


def test_a_newer_look_that_was_gone_by_frees_the_older_one(as_user, office, recognised):
    household = recognised[0].household
    older = seen_of(household)
    look_at(office.street, household, date(2026, 8, 1), kind=Kind.TOWN)
    rows = recognition_of(recognised[0])
    client = as_user("village")
    wrong = answers(missing=BELOW_MODEL)
    assert "不能改到" in client.post(address(older), wrong).text

    recognition.renew(office.street, rows, date(2026, 8, 2))

    client.post(address(older), wrong)
    older.refresh_from_db()
    assert older.points == 80
    newer = seen_of(household)
    assert "不能改到" in as_user("street").post(address(newer), wrong).text


def recognition_of(row):
    return row.__class__.objects.filter(pk=row.pk)


def test_a_revoked_recognition_holds_nothing(as_user, office, recognised):
    row = seen_of(recognised[0].household)
    rows = recognition_of(recognised[0])
    recognition.revoke(office.street, rows, date(2026, 7, 1), "搬走杂物不改")

    as_user("village").post(address(row), answers(missing=BELOW_MODEL))

    row.refresh_from_db()
    assert row.points == 80


def test_a_self_assessment_carries_nothing(as_user, office, households, batch):
    own = look_at(office.village, households[0], date(2026, 3, 5), kind=Kind.SELF)
    go_through(office, batch, households=households)

    as_user("village").post(address(own), answers(missing=BELOW_MODEL))

    own.refresh_from_db()
    assert own.points == 80


def test_on_the_way_the_next_step_goes_by_the_corrected_one(
    as_user, office, households, batch
):
    rows = go_through(office, batch, Act.PUBLISH, households=households)
    row = seen_of(rows[0].household)

    as_user("village").post(address(row), answers(missing=BELOW_MODEL))

    with pytest.raises(recognition.RefusedError, match="没有达到示范线"):
        recognition.advance(
            office.district, Act.GRANT, batch.recognitions.all(), DAYS[Act.GRANT]
        )
    assert set(batch.recognitions.values_list("stage", flat=True)) == {Stage.PUBLISHED}


def test_a_villages_recognition_rests_on_the_look_from_above(
    as_user, office, community, village_batch
):
    own = look_at_village(office.village, community, date(2026, 7, 5), Kind.SELF)
    row = look_at_village(office.street, community, date(2026, 7, 1))
    granted_on = date(2026, 8, 10)
    granted = RecognitionFactory(
        branch=community,
        household=None,
        subject="village",
        batch=village_batch,
        stage=Stage.GRANTED,
        granted_on=granted_on,
        review_due_on=date(2028, 8, 10),
    )
    granted.steps.create(act=Act.GRANT, done_on=granted_on, done_by=office.district)
    wrong = answers(missing=BELOW_MODEL, subject="village")

    answer = as_user("street").post(address(row), wrong)

    assert "2026-08-10 的认定或复核是按这次评比办的" in answer.text
    row.refresh_from_db()
    assert row.points == 100
    as_user("village").post(address(own), wrong)
    own.refresh_from_db()
    assert own.points == 80


def test_the_page_costs_the_same_for_every_look(
    as_user, recognised, django_assert_max_num_queries
):
    client = as_user("street")
    client.get(address(seen_of(recognised[0].household)))
    with django_assert_max_num_queries(12):
        client.get(address(seen_of(recognised[1].household)))
