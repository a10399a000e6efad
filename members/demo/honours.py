"""What people and committees were honoured with, and who sat at the congresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from federation.demo import Demo, Sketch, load, step
from federation.demo.names import invent_name
from federation.demo.registry import MONTHS
from federation.models import Branch
from members.models import Delegate, Honour, Post
from members.models.choices import CongressLevel, HonourState, Rank

Level, State = Branch.Level, HonourState

# Awarded in the five years. The review prints the three of the province.
AWARDED = {
    Rank.NATIONAL: 1,
    Rank.PROVINCE: 3,
    Rank.CITY: 26,
    Rank.DISTRICT: 164,
    Rank.TOWN: 310,
}
# None of these counts, whatever its rank.
NOT_AWARDED = (
    (Rank.PROVINCE, State.RECOMMENDED),
    (Rank.PROVINCE, State.ANNOUNCED),
    (Rank.CITY, State.RECOMMENDED),
    (Rank.CITY, State.ANNOUNCED),
    (Rank.CITY, State.REVOKED),
    (Rank.DISTRICT, State.RECOMMENDED),
    (Rank.DISTRICT, State.ANNOUNCED),
    (Rank.DISTRICT, State.REVOKED),
)
BODIES = {
    Rank.NATIONAL: "全国妇联",
    Rank.PROVINCE: "山东省妇联",
    Rank.CITY: "济南市妇联",
    Rank.DISTRICT: "章丘区妇联",
}
PLACES = {
    Rank.NATIONAL: "全国",
    Rank.PROVINCE: "山东省",
    Rank.CITY: "济南市",
    Rank.DISTRICT: "章丘区",
    Rank.TOWN: "",
}
OF_MEMBERS = ("三八红旗手", "巾帼建功标兵", "优秀妇女工作者")
OF_BRANCHES = ("三八红旗集体", "巾帼文明岗", "先进基层妇联")
OF_FAMILIES = ("最美家庭", "五好家庭")
CONSENT = 0.8

# Congress: (level, its number, month counted from the first, how many delegates)
CONGRESSES = (
    (CongressLevel.NATIONAL, 13, 21, 2),  # the two that the review prints
    (CongressLevel.PROVINCE, 14, 15, 4),
    (CongressLevel.CITY, 17, 9, 14),
    (CongressLevel.DISTRICT, 19, 2, 96),
)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody in post, and since when."""

    member_id: int
    branch_id: int
    level: str
    since: date


def sitting() -> list[Seat]:
    """Return who is in post, with the branch and the day of the first post."""
    posts = Post.objects.filter(ended_on=None).order_by("pk")
    first = {}
    rows = Post.objects.order_by("-started_on").values_list("member_id", "started_on")
    for member_id, started_on in rows:
        first[member_id] = started_on
    columns = ("member_id", "branch_id", "branch__level")
    return [Seat(*row, first[row[0]]) for row in posts.values_list(*columns)]


@step(110, "荣誉和代表")
def bring_honours(demo: Demo) -> None:
    random = demo.random("honours")
    seats = sitting()
    names = dict(Branch.objects.values_list("pk", "parent__short_name"))
    load(Honour, _honours(demo, random, seats, names))
    load(Delegate, _delegates(demo, random, seats))


def _honours(demo: Demo, random: Random, seats: list[Seat], parents: dict):
    for rank, count in AWARDED.items():
        for _ in range(count):
            day = _day(demo, random, random.randrange(MONTHS - 1))
            yield _honour(demo, random, seats, parents, rank, day)
    for rank, state in NOT_AWARDED:
        ago = 30 if state == State.REVOKED else 2
        day = _day(demo, random, MONTHS - 1 - random.randint(1, ago))
        honour = _honour(demo, random, seats, parents, rank, day)
        honour.state, honour.publishes = state, False
        yield honour


def _honour(demo, random: Random, seats, parents, rank, day: date) -> Sketch:
    seat = _somebody(random, seats, day, rank)
    body = BODIES.get(rank) or f"{parents[seat.branch_id]}妇联"
    kind = random.random()
    if kind < 0.5:
        titles, holder = OF_MEMBERS, {"member_id": seat.member_id}
    elif kind < 0.75:
        titles, holder = OF_BRANCHES, {"is_of_branch": True}
    else:
        family = f"{invent_name(random)}家庭"
        titles, holder = OF_FAMILIES, {"holder_name": family}
    is_written = rank != Rank.TOWN
    return Sketch(
        Honour,
        branch_id=seat.branch_id,
        title=PLACES[rank] + random.choice(titles),
        rank=rank,
        awarding_body=body,
        awarded_on=day,
        document_number=f"〔{day.year}〕{random.randint(3, 60)} 号"
        if is_written
        else "",
        publishes=random.random() < CONSENT,
        known_on=min(day + timedelta(days=random.randint(1, 12)), demo.yesterday),
        **holder,
    )


def _somebody(random: Random, seats: list[Seat], day: date, rank: str) -> Seat:
    """Return somebody who was in post on *day*; a street honours its villages."""
    while True:
        seat = random.choice(seats)
        below = rank != Rank.TOWN or seat.level == Level.VILLAGE
        if below and seat.since <= day:
            return seat


def _delegates(demo: Demo, random: Random, seats: list[Seat]):
    for level, congress, month, count in CONGRESSES:
        day = _day(demo, random, month)
        known = [seat for seat in seats if seat.since <= day]
        for seat in random.sample(known, count):
            yield Sketch(
                Delegate,
                member_id=seat.member_id,
                branch_id=seat.branch_id,
                level=level,
                congress=congress,
                started_on=day,
                known_on=min(day + timedelta(days=5), demo.yesterday),
            )


def _day(demo: Demo, random: Random, month: int) -> date:
    """Return a day of the month counted from the first; most are awarded in March."""
    first = demo.first_month.plus(month).first_day
    if random.random() < 0.4 and first.month != 3:
        march = first.replace(month=3)
        if march >= demo.first_month.first_day and march < demo.this_month.first_day:
            first = march
    return first.replace(day=random.randint(1, 8 if first.month == 3 else 26))
