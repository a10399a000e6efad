"""What the steps of the demo stand on: shares, names, and rows loaded in bulk."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from federation.demo import apportion, registry
from federation.demo.loading import load
from federation.demo.names import invent_name
from federation.demo.registry import Demo, at, step
from federation.models import BranchStat, Mark
from members.models import Member


@pytest.mark.parametrize("total", [0, 1, 7, 100, 1410])
def test_shares_add_up_to_the_whole(total):
    shares = apportion(total, [0.3, 5, 1.1, 0, 2])

    assert sum(shares) == total
    assert min(shares) >= 0


def test_nobody_gets_less_than_the_least():
    assert apportion(10, [0, 0.001, 1], least=3) == [3, 3, 4]


def test_what_does_not_suffice_is_refused():
    with pytest.raises(ValueError, match="cannot be shared"):
        apportion(5, [1, 1], least=3)


def test_the_larger_remainder_gets_what_is_left():
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(3, [55, 45]) == [2, 1]


def test_names_have_two_or_three_characters_and_repeat_with_the_seed():
    names = [invent_name(Random(7)) for _ in range(2)]
    many = [invent_name(random) for random in [Random(3)] for _ in range(300)]

    assert names[0] == names[1]
    assert {len(name) for name in many} == {2, 3}


def test_sixty_months_end_with_the_one_of_today():
    demo = Demo(date(2026, 1, 31))

    assert str(demo.first_month) == "2021-02"
    assert str(demo.last_month) == "2026-03"
    assert demo.now == datetime(2026, 1, 30, 16, tzinfo=UTC)


def test_each_seed_and_each_name_has_draws_of_its_own():
    day = date(2026, 1, 31)

    def draw(seed, name):
        return Demo(day, seed).random(name).random()

    assert draw(1, "a") == draw(1, "a")
    assert len({draw(1, "a"), draw(2, "a"), draw(1, "b")}) == 3


def test_two_steps_of_one_number_are_refused(monkeypatch):
    monkeypatch.setattr(registry, "_steps", {})
    step(1, "一")(print)

    with pytest.raises(ValueError, match="numbered 1"):
        step(1, "又一")(print)


def test_steps_run_in_the_order_of_their_numbers(monkeypatch):
    monkeypatch.setattr(registry, "_steps", {})
    monkeypatch.setattr(registry, "autodiscover_modules", lambda name: None)
    ran = []
    step(20, "后")(lambda demo: ran.append("后"))
    step(10, "先")(lambda demo: ran.append("先"))

    told = list(registry.run(Demo(date(2026, 1, 31))))

    assert ran == ["先", "后"]
    assert told == [(0, 2, "先"), (1, 2, "后"), (2, 2, "完成")]


def test_rows_are_loaded_as_the_orm_would_have_written_them(community):
    before = Member.objects.create(name="王芳", branch=community)
    moment = at(date(2024, 2, 29), 9, 30)
    people = [
        Member(
            name="李慧",
            initials="lh",
            branch_id=community.pk,
            birth_month=date(1980, 5, 1),
            created_at=moment,
        )
        for _ in range(2)
    ]

    load(Member, people)

    stored = Member.objects.get(pk=people[0].pk)
    assert len({before.pk, *(person.pk for person in people)}) == 3
    assert stored.created_at == moment
    assert stored.birth_month == date(1980, 5, 1)
    assert stored.gender == Member.Gender.FEMALE
    assert Member.objects.create(name="赵云", branch=community).pk > people[1].pk


def test_loading_nothing_writes_nothing_and_leaves_no_marks(community):
    Mark.objects.all().delete()

    load(BranchStat, [])
    row = BranchStat(
        branch_id=community.pk,
        figure=BranchStat.Figure.WOMEN,
        as_of=date(2025, 12, 31),
        value=900,
        source="统计",
    )
    load(BranchStat, [row])

    assert list(BranchStat.objects.values_list("figure", "value")) == [("women", 900)]
    assert not Mark.objects.exists()
