"""Entries that look wrong are marked with a sentence; nothing is refused."""

from datetime import date, datetime, timedelta
from random import Random
from statistics import mean

import pytest
from django.utils import timezone

from activities import review
from activities.doubts import doubtful, doubts_of
from activities.models import Activity
from federation.months import local_today
from tests.factories import ActivityFactory, BranchFactory, PlanFactory, ResultFactory

DAY = timedelta(days=1)


@pytest.fixture
def today():
    return local_today()


def words(activity) -> list[str]:
    return [doubt.word for doubt in doubts_of([activity]).get(activity.pk, [])]


def sentence(activity) -> str:
    (doubt,) = doubts_of([activity])[activity.pk]
    return doubt.sentence


def usual_sessions(branch, today, people=(20, 30, 40, 25, 35)):
    for number, attendance in enumerate(people, start=1):
        ResultFactory(
            branch=branch,
            title=f"第{number}场",
            starts_on=today - 10 * number * DAY,
            attendance_offline=attendance,
        )


def draft(branch, day, people=None, **values):
    happening = Activity.Happening.HELD if people is not None else "planned"
    return ActivityFactory(
        branch=branch,
        starts_on=day,
        attendance_offline=people,
        happening=happening,
        **values,
    )


def test_an_ordinary_entry_raises_no_doubt(community, today):
    usual_sessions(community, today)
    entry = draft(community, today, 31)
    assert words(entry) == []
    assert not doubtful(Activity.objects.all())


def test_the_same_title_on_the_same_day_is_marked_on_both(
    community, second_community, today
):
    first = draft(community, today, 20, title="反家暴 宣讲")
    second = draft(community, today, 21, title="反家暴宣讲　")
    draft(community, today - DAY, 22, title="反家暴宣讲")
    draft(second_community, today, 23, title="反家暴宣讲")
    assert words(first) == words(second) == ["重复填报"]
    assert set(doubtful(Activity.objects.all())) == {first, second}


@pytest.mark.parametrize(
    "gone", [{"review": "withdrawn"}, {"happening": "cancelled", "review": "approved"}]
)
def test_what_is_gone_makes_no_double(community, today, gone):
    entry = draft(community, today, 20)
    other = PlanFactory(branch=community, starts_on=today, **gone)
    assert words(entry) == words(other) == []


def test_ten_times_the_usual_is_marked_with_the_usual(community, today):
    usual_sessions(community, today)  # 30 on average
    assert words(draft(community, today, 299)) == []
    entry = draft(community, today, 300, title="多写一个零")
    assert words(entry) == ["人次偏多"]
    assert "300 人次" in sentence(entry)
    assert "只有 30 人次" in sentence(entry)


def test_of_few_sessions_or_of_longer_ago_nothing_is_usual(
    community, second_community, today
):
    usual_sessions(community, today, people=(10, 10, 10, 11))
    usual_sessions(second_community, today - 360 * DAY)
    assert words(draft(community, today, 5000)) == []
    assert words(draft(second_community, today, 5000)) == []


def test_an_entry_long_after_its_day_is_marked(community, today):
    assert words(draft(community, today - 60 * DAY, 20, title="刚好")) == []
    late = draft(community, today - 61 * DAY, 20)
    assert words(late) == ["日期久远"]
    assert "过了 61 天才录入" in sentence(late)


def test_the_fifth_session_with_the_very_same_attendance_is_marked(community, today):
    sessions = [
        draft(community, today - (9 - n) * DAY, 50, title=f"第{n}场") for n in range(6)
    ]
    assert [words(session) for session in sessions] == [[]] * 4 + [["人次雷同"]] * 2
    broken = draft(community, today, 51, title="不一样")
    assert words(broken) == []
    assert "连续 5 场都是 50 人次" in sentence(sessions[-1])


def test_a_result_that_waits_beside_its_plan_is_looked_at(
    community, village_clerk, today
):
    usual_sessions(community, today)
    plan = PlanFactory(
        branch=community, starts_on=today - DAY, recorded_by=village_clerk
    )
    plan.happening, plan.attendance_offline = Activity.Happening.HELD, 3000
    review.save(plan, village_clerk, submit=True)
    assert Activity.objects.get(pk=plan.pk).attendance_offline is None
    assert words(plan) == ["人次偏多"]
    assert list(doubtful(Activity.objects.awaiting_review())) == [plan]


def test_many_are_asked_in_one_statement(community, today, django_assert_num_queries):
    usual_sessions(community, today)
    entries = [draft(community, today, 300, title=f"第{n}场") for n in range(9)]
    with django_assert_num_queries(1):
        assert len(doubts_of(entries)) == 9
    with django_assert_num_queries(1):
        assert doubtful(Activity.objects.all()).count() == 9
    with django_assert_num_queries(0):
        assert doubts_of([]) == {}


# A recount by hand ----------------------------------------------------------------


def recounted(activities) -> dict[int, set[str]]:
    """Return the words of each, by reading all of them in Python."""
    found = {}
    live = [a for a in activities if a.review != "withdrawn"]
    for one in live:
        if one.happening == "cancelled":
            continue
        others = [a for a in live if a.branch_id == one.branch_id and a.pk != one.pk]
        found[one.pk] = {
            word
            for word, is_so in (
                ("重复填报", _is_repeated(one, others)),
                ("人次偏多", _is_outsized(one, others)),
                ("日期久远", _is_late(one)),
                ("人次雷同", _is_constant(one, others)),
            )
            if is_so
        }
    return {pk: doubts for pk, doubts in found.items() if doubts}


def _is_repeated(one, others) -> bool:
    return any(
        (a.title, a.starts_on) == (one.title, one.starts_on)
        for a in others
        if a.happening != "cancelled"
    )


def _is_outsized(one, others) -> bool:
    year = [
        a.attendance
        for a in others
        if a.result_approved_at
        and a.happening == "held"
        and a.attendance is not None
        and one.starts_on - 365 * DAY < a.starts_on <= one.starts_on
    ]
    if one.attendance is None or len(year) < 5 or not any(year):
        return False
    return one.attendance >= 10 * mean(year)


def _is_late(one) -> bool:
    entered = timezone.localdate(one.recorded_at)
    return entered - one.starts_on > 60 * DAY


def _is_constant(one, others) -> bool:
    before = [
        a
        for a in others
        if a.happening == "held"
        and a.attendance is not None
        and one.starts_on - 365 * DAY < a.starts_on
        and (a.starts_on, a.pk) < (one.starts_on, one.pk)
    ]
    before.sort(key=lambda a: (a.starts_on, a.pk))
    last = [a.attendance for a in before[-4:]]
    return one.attendance is not None and last == [one.attendance] * 4


def drawn(random: Random, branches) -> None:
    for number in range(160):
        day = date(2025, 1, 1) + random.randrange(240) * DAY
        people = random.choice([None, *[8] * 12, 9, 900])
        happening = "planned" if people is None else "held"
        if random.random() < 0.1:
            happening = "cancelled"
        state = random.choice(["approved", "approved", "submitted", "withdrawn"])
        entered = (
            datetime(day.year, day.month, day.day, 20)
            + random.choice([-3, 0, 59, 60, 61, 90]) * DAY
        )
        ActivityFactory(
            branch=random.choice(branches),
            title=f"第{number % 2}场",
            starts_on=day,
            attendance_offline=people,
            attendance_online=random.choice([None, 0, 1]) if people else None,
            happening=happening,
            review=state,
            result_approved_at=timezone.now() if state == "approved" else None,
        )
        latest = Activity.objects.order_by("pk").last()
        Activity.objects.filter(pk=latest.pk).update(
            recorded_at=timezone.make_aware(entered)
        )


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_a_recount_by_hand_finds(db, seed):
    branches = [BranchFactory(), BranchFactory()]
    drawn(Random(seed), branches)
    everything = list(Activity.objects.all())
    expected = recounted(everything)
    found = {
        pk: {doubt.word for doubt in doubts}
        for pk, doubts in doubts_of(everything).items()
    }
    assert found == expected
    assert set(doubtful(Activity.objects.values_list("pk", flat=True))) == set(expected)
    assert {word for words in expected.values() for word in words} == {
        "重复填报",
        "人次偏多",
        "日期久远",
        "人次雷同",
    }
