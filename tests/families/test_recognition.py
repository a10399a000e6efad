"""The way of a household from 申报 to 区认定, and what comes after."""

from datetime import date

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError

from families import recognition
from families.models import Batch, Plate, Recognition, RecognitionStep
from families.models.choices import Act, Stage
from families.recognition import RefusedError
from federation.models import Mark
from federation.months import local_today
from tests.factories import BatchFactory, HouseholdFactory
from tests.families.conftest import DAYS, Kind, go_through, look_at

GRANTED = DAYS[Act.GRANT]
LATER = date(2026, 9, 1)


def refusal(write) -> str:
    with pytest.raises(ValidationError) as caught:
        write()
    return "".join(caught.value.messages)


def of(rows) -> object:
    return Recognition.objects.filter(pk__in=[row.pk for row in rows])


# The way ---------------------------------------------------------------------------


def test_the_whole_way(office, batch, households, recognised):
    assert [row.stage for row in recognised] == [Stage.GRANTED] * 3
    assert {row.granted_on for row in recognised} == {GRANTED}
    assert {row.review_due_on for row in recognised} == {date(2027, 6, 10)}
    steps = RecognitionStep.objects.filter(recognition=recognised[0])
    assert [(step.act, step.done_on) for step in steps] == list(DAYS.items())
    assert [step.done_by for step in steps] == [
        office.village,
        office.village,
        office.street,
        office.street,
        office.district,
    ]


def test_a_grant_makes_a_plate_that_nobody_guesses(recognised):
    tokens = {row.plate.token for row in recognised}

    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {12}


def test_a_grant_marks_its_month_and_every_later_one(office, batch, households):
    go_through(office, batch, Act.PUBLISH, households=households)
    Mark.objects.all().delete()

    recognition.advance(office.district, Act.GRANT, batch.recognitions.all(), GRANTED)

    marks = set(Mark.objects.values_list("branch", "month", "onward"))
    assert marks == {(households[0].branch_id, date(2026, 6, 1), True)}


@pytest.mark.parametrize("act", recognition.STRIDES)
def test_each_stride_asks_for_its_own_right(office, batch, households, act):
    before = {
        Act.ASSESS: Act.APPLY,
        Act.REVIEW: Act.ASSESS,
        Act.PUBLISH: Act.REVIEW,
        Act.GRANT: Act.PUBLISH,
    }
    go_through(office, batch, before[act], households=households)
    may = {
        Act.ASSESS: {"village", "street", "district"},
        Act.REVIEW: {"street", "district"},
        Act.PUBLISH: {"street", "district"},
        Act.GRANT: {"district"},
    }
    for name, user in vars(office).items():
        if name not in may[act]:
            with pytest.raises(PermissionDenied):
                recognition.advance(user, act, batch.recognitions.all(), DAYS[act])
    assert (
        batch.recognitions.exclude(stage=recognition.STRIDES[act].before).count() == 0
    )


def test_nobody_applies_for_another_village(office, batch, households):
    with pytest.raises(PermissionDenied):
        recognition.apply(office.sister, batch, DAYS[Act.APPLY], households=households)
    assert not Recognition.objects.exists()


def test_a_stride_is_for_all_or_none_and_names_who_stands_against_it(
    office, batch, households
):
    go_through(office, batch, Act.ASSESS, households=households)
    look_at(office.street, households[1], date(2026, 4, 1), Kind.TOWN, missing=20)
    households[2].left_on = date(2026, 4, 2)
    households[2].save()

    with pytest.raises(RefusedError) as caught:
        recognition.advance(
            office.street, Act.REVIEW, batch.recognitions.all(), DAYS[Act.REVIEW]
        )

    assert caught.value.messages == [
        "最近一次评比没有达到示范线：明一社区 2 号户。",
        "在 2026-04-20 还没有登记或已经注销：明一社区 3 号户。",
    ]
    assert set(batch.recognitions.values_list("stage", flat=True)) == {Stage.ASSESSED}
    assert not RecognitionStep.objects.filter(act=Act.REVIEW).exists()


def test_many_problems_are_not_all_named(office, batch, community):
    rows = [HouseholdFactory(branch=community, number=n) for n in range(1, 13)]
    recognition.apply(office.village, batch, DAYS[Act.APPLY], households=rows)

    found = refusal(
        lambda: recognition.advance(
            office.village, Act.ASSESS, batch.recognitions.all(), DAYS[Act.ASSESS]
        )
    )

    assert found.startswith("还没有评比（自评不算）：明一社区 1 号户、")
    assert found.endswith("明一社区 5 号户等 12 个。")


def test_its_own_word_about_itself_is_not_enough(office, batch, community):
    household = HouseholdFactory(branch=community, number=1)
    look_at(office.village, household, kind=Kind.SELF)
    recognition.apply(office.village, batch, DAYS[Act.APPLY], households=[household])

    found = refusal(
        lambda: recognition.advance(
            office.village, Act.ASSESS, batch.recognitions.all(), DAYS[Act.ASSESS]
        )
    )
    assert "自评不算" in found


def test_done_twice_is_refused(office, batch, households):
    go_through(office, batch, Act.ASSESS, households=households)
    chosen = batch.recognitions.all()

    found = refusal(
        lambda: recognition.advance(
            office.village, Act.ASSESS, chosen, DAYS[Act.REVIEW]
        )
    )

    assert "现在是“村初评”" in found
    nothing = refusal(
        lambda: recognition.advance(
            office.village, Act.ASSESS, Recognition.objects.none(), DAYS[Act.REVIEW]
        )
    )
    assert "没有可以办理的" in nothing


@pytest.mark.parametrize(
    ("act", "day", "sentence"),
    [
        (Act.ASSESS, date(2026, 3, 9), "上一步在 2026-03-10 办理"),
        (Act.PUBLISH, date(2026, 5, 31), "公示是 2026-06-01 至 2026-06-07"),
        (Act.PUBLISH, date(2026, 6, 8), "公示是 2026-06-01 至 2026-06-07"),
        (Act.GRANT, date(2026, 6, 7), "公示到 2026-06-07，期满后再认定"),
        (Act.GRANT, date(2999, 1, 1), "在今天之后"),
        (Act.GRANT, None, "请填办理日期"),
    ],
)
def test_days_are_in_order(office, batch, households, act, day, sentence):
    before = dict(zip(list(DAYS)[1:], list(DAYS), strict=False))[act]
    go_through(office, batch, before, households=households)

    found = refusal(
        lambda: recognition.advance(office.district, act, batch.recognitions.all(), day)
    )

    assert sentence in found


def test_whoever_is_published_late_is_published_as_long(office, batch, households):
    go_through(office, batch, Act.REVIEW, households=households)
    rows = batch.recognitions.all()
    recognition.advance(office.street, Act.PUBLISH, rows, date(2026, 6, 7))

    found = refusal(
        lambda: recognition.advance(office.district, Act.GRANT, rows, date(2026, 6, 13))
    )

    assert "2026-06-07 才开始公示，公示到 2026-06-13，期满后再认定" in found
    assert recognition.advance(office.district, Act.GRANT, rows, date(2026, 6, 14)) == 3


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-05-20", "2026-06-07"), ("2026-06-01", "2026-06-02"), (None, None)],
)
def test_a_publication_that_has_begun_is_not_cut_short(
    office, batch, households, first, last
):
    go_through(office, batch, Act.PUBLISH, households=households)
    batch.published_from = first and date.fromisoformat(first)
    batch.published_until = last and date.fromisoformat(last)

    assert "公示已经开始" in refusal(batch.full_clean)
    batch.published_from, batch.published_until = date(2026, 6, 1), date(2026, 6, 20)
    batch.full_clean()


def test_without_dates_of_publication_nothing_is_published(office, batch, households):
    go_through(office, batch, Act.REVIEW, households=households)
    Batch.objects.update(published_from=None, published_until=None)

    found = refusal(
        lambda: recognition.advance(
            office.street, Act.PUBLISH, batch.recognitions.all(), DAYS[Act.PUBLISH]
        )
    )

    assert "还没有填公示的起止日期" in found


# Applying --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2026, 2, 28), "从 2026-03-01 起申报"),
        (date(2026, 6, 1), "请报下一批"),
        (date(2021, 5, 1), "从 2026-03-01 起申报"),
    ],
)
def test_applying_has_its_time(office, batch, households, day, sentence):
    found = refusal(
        lambda: recognition.apply(office.village, batch, day, households=households)
    )

    assert sentence in found


def test_what_runs_does_not_apply_again_nor_whoever_has_left(
    office, batch, households, community
):
    go_through(office, batch, Act.APPLY, households=households[:1])
    households[1].left_on = date(2026, 3, 5)
    households[1].save()

    found = refusal(
        lambda: recognition.apply(
            office.village, batch, DAYS[Act.APPLY], households=households
        )
    )

    assert "已在申报或已认定，不用再报：明一社区 1 号户。" in found
    assert "还没有登记或已经注销：明一社区 2 号户。" in found
    assert Recognition.objects.count() == 1


def test_a_closed_village_applies_for_nobody(office, batch, households, community):
    community.closed_on = date(2026, 3, 1)
    community.save()

    found = refusal(
        lambda: recognition.apply(
            office.street, batch, DAYS[Act.APPLY], households=households
        )
    )

    assert "已经撤销" in found


def test_a_streets_batch_is_for_its_own_villages(
    office, sister_street, households, village_batch
):
    other = BatchFactory(branch=sister_street)
    found = refusal(
        lambda: recognition.apply(
            office.district, other, DAYS[Act.APPLY], households=households
        )
    )
    assert "不在双山街道的范围内" in found
    found = refusal(
        lambda: recognition.apply(
            office.district, village_batch, DAYS[Act.APPLY], households=households
        )
    )
    assert "只收村的申报" in found


def test_two_who_apply_in_the_same_moment(office, batch, households, monkeypatch):
    go_through(office, batch, Act.APPLY, households=households)
    monkeypatch.setattr(
        "families.recognition.applying._is_free", lambda *args: lambda row: None
    )

    found = refusal(
        lambda: recognition.apply(
            office.village, batch, DAYS[Act.APPLY], households=households
        )
    )

    assert "刷新页面" in found
    assert Recognition.objects.count() == 3


# Turned down -------------------------------------------------------------------------


def test_turned_down_it_may_apply_in_the_next_batch(office, batch, households):
    rows = go_through(office, batch, Act.REVIEW, households=households)
    with pytest.raises(PermissionDenied):
        recognition.refuse(office.village, of(rows), DAYS[Act.REVIEW], "材料不全")
    recognition.refuse(office.street, of(rows[:1]), DAYS[Act.REVIEW], "材料不全")
    rows[0].refresh_from_db()
    assert rows[0].stage == Stage.REFUSED

    again = BatchFactory(branch=batch.branch, opened_on=date(2026, 7, 1))
    recognition.apply(
        office.village, again, date(2026, 7, 2), households=households[:1]
    )
    recognition.refuse(
        office.village, again.recognitions.all(), date(2026, 7, 3), "自己放弃"
    )
    assert not again.recognitions.on_the_way().exists()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (" ", "写明原因"),
        ("长" * 201, "最多 200 字"),
        ("坏\x00", "最多 200 字"),
        ("11010519491231002X", "身份证号"),
    ],
)
def test_a_reason_is_needed_and_is_plain(office, batch, households, reason, sentence):
    rows = go_through(office, batch, Act.APPLY, households=households)

    found = refusal(
        lambda: recognition.refuse(office.village, of(rows), DAYS[Act.ASSESS], reason)
    )

    assert sentence in found


# Afterwards --------------------------------------------------------------------------


def test_confirmed_after_a_year_it_is_due_a_year_later(office, recognised, households):
    due = Recognition.objects.due_for_review(date(2027, 6, 10))
    assert due.count() == 3
    found = refusal(lambda: recognition.renew(office.street, of(recognised), LATER))
    assert "认定或上次复核以后还没有评比" in found

    for household in households:
        look_at(office.street, household, date(2026, 8, 20), Kind.TOWN)
    recognition.renew(office.street, of(recognised), LATER)

    assert {row.review_due_on for row in Recognition.objects.all()} == {
        date(2027, 9, 1)
    }
    assert due.count() == 0
    with pytest.raises(PermissionDenied):
        recognition.renew(office.village, of(recognised), LATER)


def test_warned_and_mended(office, recognised, households):
    row = of(recognised[:1])
    by = date(2026, 10, 1)
    recognition.warn(office.street, row, LATER, by, "院里堆柴")
    assert [r.mend_by for r in Recognition.objects.to_mend()] == [by]
    assert Recognition.objects.overdue_to_mend(by).count() == 0
    assert Recognition.objects.overdue_to_mend(date(2026, 10, 2)).count() == 1
    assert "正在限期整改" in refusal(
        lambda: recognition.warn(office.street, row, LATER, by, "又一次")
    )
    assert "正在限期整改" in refusal(
        lambda: recognition.renew(office.street, row, LATER)
    )
    assert "还没有回访评比" in refusal(
        lambda: recognition.mend(office.street, row, LATER)
    )

    look_at(office.village, households[0], date(2026, 9, 5), Kind.REVISIT)
    recognition.mend(office.street, row, date(2026, 9, 6))

    assert not Recognition.objects.to_mend().exists()
    assert "没有在限期整改" in refusal(
        lambda: recognition.mend(office.street, row, date(2026, 9, 7))
    )


@pytest.mark.parametrize("by", [None, LATER, date(2027, 12, 1)])
def test_a_warning_has_a_sensible_end(office, recognised, by):
    found = refusal(
        lambda: recognition.warn(office.street, of(recognised), LATER, by, "院里堆柴")
    )

    assert "整改期限要在办理日期之后一年以内" in found


def test_revoked_and_regained_it_is_two_rows(office, recognised, households):
    recognition.revoke(office.street, of(recognised[:1]), LATER, "整改不到位")

    assert Recognition.objects.in_force(date(2026, 8, 31)).count() == 3
    assert Recognition.objects.in_force(LATER).count() == 2
    again = BatchFactory(branch=recognised[0].batch.branch, opened_on=date(2026, 8, 1))
    early = date(2026, 8, 31)
    assert "申报日期不能更早" in refusal(
        lambda: recognition.apply(
            office.village, again, early, households=households[:1]
        )
    )
    recognition.apply(office.village, again, LATER, households=households[:1])
    assert households[0].recognitions.count() == 2


def test_revoked_on_the_day_of_its_grant_is_refused(office, recognised):
    found = refusal(
        lambda: recognition.revoke(office.street, of(recognised), GRANTED, "弄错了")
    )

    assert "必须晚于认定日期" in found


def test_who_has_left_is_recognised_no_more_and_due_for_nothing(
    office, recognised, households
):
    households[0].left_on = date(2026, 7, 1)
    households[0].save()

    assert Recognition.objects.in_force(date(2026, 6, 30)).count() == 3
    assert Recognition.objects.in_force(date(2026, 7, 1)).count() == 2
    assert Recognition.objects.due_for_review(date(2027, 7, 1)).count() == 2
    assert "已经注销" in refusal(
        lambda: recognition.renew(office.street, of(recognised), LATER)
    )


def test_no_reason_is_in_the_log(office, recognised):
    recognition.revoke(office.street, of(recognised), LATER, "夫妻不和")

    assert not LogEntry.objects.filter(changes__icontains="夫妻不和").exists()
    stages = LogEntry.objects.filter(changes__has_key="revoked_on")
    assert stages.count() == 3


def test_a_street_is_decided_at_once_by_few_queries(
    office, batch, community, django_assert_max_num_queries
):
    rows = [HouseholdFactory(branch=community, number=n) for n in range(1, 41)]
    for row in rows:
        look_at(office.village, row)
    go_through(office, batch, Act.PUBLISH, households=rows)

    with django_assert_max_num_queries(30):
        recognition.advance(
            office.district, Act.GRANT, batch.recognitions.all(), GRANTED
        )

    assert Plate.objects.count() == 40


def test_nothing_is_dated_after_today(office, batch, households):
    assert local_today() >= GRANTED  # the days of these tests lie behind us
