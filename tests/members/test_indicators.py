"""Each figure of the register is what a recount in plain Python gives, and what the
records behind it give."""

from datetime import date
from decimal import Decimal

import pytest

from federation.months import Month
from members.ages import AgeOn
from members.models import Honour, Member, Post, Term
from rollups import engine, registry
from rollups.records import evidence
from rollups.tables import LongTable, wide_table
from rollups.tables.long import COLUMNS
from tests.factories import (
    DelegateFactory,
    HonourFactory,
    MemberFactory,
    PostFactory,
    TermFactory,
)
from tests.rollups.naive import assert_is_naive, own_and_total
from tests.rollups.reading import ask, named

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY = (Month(2026, number) for number in (3, 4, 5))
CODES = [
    one.code
    for one in registry.declared_indicators()
    if one.code.startswith("members.")
]


def figure(code, branch, month):
    """Return the total that the rollups hold."""
    return own_and_total(f"members.{code}", branch, month)[1]


@pytest.fixture
def register(street, community, second_community):
    """A committee elected in March with a chair who holds two posts, one who left in
    April, and a sister whose term is overdue."""
    term = TermFactory(
        branch=community,
        elected_on=date(2026, 3, 10),
        due_on=date(2031, 3, 10),
        seats_planned=2,
    )
    TermFactory(
        branch=second_community,
        elected_on=date(2021, 4, 1),
        due_on=date(2026, 4, 1),
        seats_planned=1,
    )
    since = {"term": term, "started_on": date(2026, 3, 10)}
    chair = MemberFactory(
        branch=community, birth_month=date(1975, 4, 1), education="bachelor"
    )
    PostFactory(member=chair, title="chair", **since)
    PostFactory(member=chair, title="committee", **since)
    PostFactory(
        member=MemberFactory(branch=community, education="junior"),
        ended_on=date(2026, 4, 8),
        ending="resigned",
        **since,
    )
    unknown = MemberFactory(branch=street, birth_month=date(1990, 12, 1))
    PostFactory(member=unknown, started_on=date(2026, 4, 30))
    HonourFactory(
        branch=community,
        rank="province",
        awarded_on=date(2026, 3, 8),
        member=chair,
    )
    HonourFactory(
        branch=street,
        rank="town",
        awarded_on=date(2026, 3, 31),
        holder_name="王淑兰家庭",
    )
    HonourFactory(
        branch=street,
        rank="province",
        awarded_on=date(2026, 3, 8),
        state="announced",
        is_of_branch=True,
    )
    DelegateFactory(
        member=chair, branch=community, level="national", started_on=date(2026, 5, 31)
    )
    engine.recount_range(MARCH, MAY)
    engine.drain_marks()
    return street


def test_the_rollups_are_what_plain_python_counts(register):
    assert_is_naive()


@pytest.mark.parametrize(
    ("code", "figures"),
    [
        ("in_post", (2, 2, 2)),
        ("chairs", (1, 1, 1)),
        ("bachelors", (1, 1, 1)),
        ("education_known", (2, 1, 1)),
        ("ages", (50, 51 + 35, 51 + 35)),
        ("birth_known", (1, 2, 2)),
        ("new_posts", (3, 1, 0)),
        ("ended_resigned", (0, 1, 0)),
        ("ended_died", (0, 0, 0)),
        ("complete_committees", (1, 0, 0)),
        ("terms_overdue", (0, 1, 1)),
        ("honours_province", (1, 0, 0)),
        ("honours_town", (1, 0, 0)),
        ("delegates_national", (0, 0, 1)),
    ],
)
def test_a_figure_month_by_month(register, code, figures):
    assert (
        tuple(figure(code, register, month) for month in (MARCH, APRIL, MAY)) == figures
    )


@pytest.mark.parametrize("months", [(MARCH, MARCH), (APRIL, APRIL), (MARCH, MAY)])
@pytest.mark.parametrize("level", ["", "village"])
def test_every_number_is_what_its_records_give(district, register, months, level):
    first, last = months
    question = ask(district, *CODES, first=first, last=last, level=level)
    table = wide_table(question)
    shown = set()
    for row in table.rows:
        for column, value in zip(table.columns, row.figures, strict=True):
            found = evidence(question, column.indicator, row.key)
            name = (row.name, column.indicator.code)
            assert (name, found.figure, found.stored) == (name, value, value)
            shown |= {column.indicator.code} if value else set()
    assert len(shown) >= 9


def test_only_what_is_counted_stands_behind_a_number(district, register):
    for code, count in (
        ("members.chairs", 1),
        ("members.ages", 2),
        ("members.ended_resigned", 1),
        ("members.honours_province", 1),
    ):
        question = ask(district, code, first=MARCH, last=APRIL)
        found = evidence(question, registry.indicator(code), "whole")
        assert found.records.count() == count
        source, part = found.parts[0][0].source, found.parts[0][0]
        for record in found.records:
            assert [read(record) for read in source.columns.values()]
            assert source.link(record).startswith("/admin/members/")
        values = [part.record_value(record) for record in found.records]
        assert Decimal(sum(values)) == found.figure


def test_the_share_is_a_percentage_and_the_age_an_average(district, register):
    codes = ("members.average_age", "members.bachelor_share")
    question = ask(district, *codes, first=MARCH)
    table = wide_table(question)
    assert named(table, 0)["章丘区妇联"] == 50
    assert named(table, 1)["章丘区妇联"] == 50
    assert named(wide_table(ask(district, *codes, first=APRIL)))["章丘区妇联"] == 43
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in LongTable(question)[0:10]]
    assert [
        (row["indicator"], row["total"], row["numerator"], row["denominator"])
        for row in rows
        if row["branch_code"] == "370114001"
    ] == [
        ("members.average_age", "50", "50", "1"),
        ("members.bachelor_share", "50", "1", "2"),
    ]
    assert {row["unit"] for row in rows} == {"岁", "%"}


# What moves a figure leaves a mark that covers it ------------------------------------


def test_learning_of_a_degree_and_a_birth_month_changes_the_months_in_post(register):
    member = Member.objects.get(education="junior")
    member.education = "graduate"
    member.save()
    Member.objects.filter(pk=member.pk).update(birth_month=date(1980, 1, 1))
    engine.drain_marks()
    assert figure("bachelors", register, MARCH) == 2
    assert figure("ages", register, MARCH) == 50 + 46
    assert_is_naive()


def test_the_month_of_an_ending_follows_the_ending(register):
    post = Post.objects.get(ending="resigned")
    post.ended_on, post.ending = date(2026, 5, 8), "died"
    post.save()
    engine.drain_marks()
    assert figure("ended_resigned", register, APRIL) == 0
    assert figure("ended_died", register, MAY) == 1
    assert_is_naive()


def test_a_term_prolonged_or_followed_by_another_is_not_overdue(
    register, second_community
):
    term = Term.objects.get(branch=second_community)
    term.due_on = date(2026, 5, 20)
    term.save()
    engine.drain_marks()
    assert figure("terms_overdue", register, APRIL) == 0
    assert figure("terms_overdue", register, MAY) == 1
    TermFactory(
        branch=second_community,
        number=term.number + 1,
        elected_on=date(2026, 5, 2),
        due_on=date(2031, 5, 2),
    )
    engine.drain_marks()
    assert figure("terms_overdue", register, MAY) == 0
    assert_is_naive()


def test_a_term_falls_due_by_time_alone(second_community, monkeypatch):
    """Nobody writes anything on that day: the month that opens counts every branch."""
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 3, 31))
    TermFactory(branch=second_community, due_on=date(2026, 4, 1))
    engine.drain_marks()
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 4, 2))
    engine.drain_marks()
    assert figure("terms_overdue", second_community, MARCH) == 0
    assert figure("terms_overdue", second_community, APRIL) == 1


def test_seats_decide_whether_a_committee_is_complete(register, community):
    Term.objects.filter(branch=community).update(seats_planned=1)
    engine.drain_marks()
    assert figure("complete_committees", register, MAY) == 1
    Term.objects.filter(branch=community).update(seats_planned=None)
    engine.drain_marks()
    assert figure("complete_committees", register, MARCH) == 0


def test_a_committee_without_a_chair_is_not_complete(register, community):
    Post.objects.chairs().update(title="vice_part")
    engine.drain_marks()
    assert figure("chairs", register, MARCH) == 0
    assert figure("complete_committees", register, MARCH) == 0


def test_a_revoked_honour_and_one_of_another_rank_leave_their_figures(register):
    Honour.objects.filter(rank="town").update(rank="district")
    honour = Honour.objects.awarded().get(rank="province")
    honour.state = Honour.State.REVOKED
    honour.save()
    engine.drain_marks()
    assert figure("honours_province", register, MARCH) == 0
    assert figure("honours_town", register, MARCH) == 0
    assert figure("honours_district", register, MARCH) == 1
    assert_is_naive()


def test_what_is_appointed_for_a_month_to_come_waits_for_it(community):
    later = Month.current().plus(2)
    PostFactory(member__branch=community, started_on=later.first_day)
    # Its mark lets the month to come be counted for this branch already.
    HonourFactory(branch=community, awarded_on=later.first_day, is_of_branch=True)
    engine.drain_marks()
    assert figure("honours_district", community, later) == 1
    assert figure("new_posts", community, later) == 0
    assert_is_naive()


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(1976, 3, 1), 50), (date(1976, 4, 1), 49), (date(1976, 2, 1), 50)],
)
def test_sql_and_python_agree_on_an_age(community, born, age):
    member = MemberFactory(branch=community, birth_month=born)
    on = date(2026, 3, 31)

    people = Member.objects.annotate(age=AgeOn("birth_month", on))

    assert people.get(pk=member.pk).age == member.age_on(on) == age
