"""Whatever happens to the records and the tree: after a drain the rollups are what a
naive recount gives, at every level and in the tree of each month."""

import contextlib
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from activities import review
from activities.models import Activity
from families.models import Household, Inspection, Recognition
from federation import successions
from federation.models import Branch, BranchStat, Mark, Placement, ReportingMonth
from federation.months import UNTIL_EVER, Month
from federation.roles import Role
from members.models import Delegate, Honour, Member, Post, Term
from rollups import engine
from tests.conftest import staff
from tests.factories import (
    BatchFactory,
    BranchFactory,
    MemberFactory,
    ProgrammeFactory,
    StandardFactory,
)
from tests.rollups.naive import (
    expected_keys,
    expected_rollups,
    stored_keys,
    stored_rollups,
)

# Five months around today, so that the newest is still to come.
NOW = Month.current()
MONTHS = Month.range(NOW.plus(-3), NOW.plus(1))

months = st.sampled_from(MONTHS)
days = st.sampled_from(
    [
        day
        for month in MONTHS
        for day in (month.first_day, month.first_day + timedelta(14), month.last_day)
    ]
)
some = st.integers(min_value=0, max_value=10**6)
births = st.none() | st.dates(date(1960, 1, 1), date(2005, 1, 1)).map(
    lambda day: day.replace(day=1)
)
people = st.none() | st.integers(min_value=0, max_value=40)
facts = st.fixed_dictionaries(
    {
        "starts_on": days,
        "attendance_offline": people,
        "attendance_online": people,
        "children_count": people,
        "happening": st.sampled_from(["held", "held", "held", "planned", "postponed"]),
        "result_approved_at": st.sampled_from([timezone.now(), timezone.now(), None]),
    }
)


class Office(RuleBasedStateMachine):
    """Clerks, reviewers and the district at work, in one transaction undone after."""

    def __init__(self):
        super().__init__()
        self.work = transaction.atomic()
        self.work.__enter__()
        self.programmes = [ProgrammeFactory(slug=slug) for slug in ("talks", "crafts")]
        self.clerk = staff(branch("370114"), Role.CLERK, "clerk")
        self.reviewer = staff(branch("370114"), Role.REVIEWER, "reviewer")
        self.member = MemberFactory(branch=branch("370114"))
        self.batch = BatchFactory(branch=branch("370114"))
        self.standard = StandardFactory()
        self.closed, self.frozen = set(), {}

    def teardown(self):
        try:
            self.drain()
            self.nothing_is_left_to_repair()
        finally:
            transaction.set_rollback(True)
            self.work.__exit__(None, None, None)

    @initialize(reports=st.lists(facts, min_size=3, max_size=5), day=days)
    def begin(self, reports, day):
        for number, values in enumerate(reports):
            self.report(values, where=number, programme=number, number=2)
            self.appoint(where=number, day=day, again=number == 0)
        self.register_households(where=0, day=day, number=3)

    # Activities ---------------------------------------------------------------

    @rule(values=facts, where=some, programme=some, number=st.integers(1, 3))
    def report(self, values, where, programme, number):
        row = {
            "title": "讲座",
            "branch": pick(Branch.objects.all(), where),
            "programme": self.programmes[programme % 2],
            "ends_on": values["starts_on"],
            **values,
        }
        attempt(
            lambda: Activity.objects.bulk_create(
                [Activity(**row, client_token=None) for _ in range(number)]
            )
        )

    @rule(which=some, values=facts, where=some)
    def edit(self, which, values, where):
        if activity := pick(Activity.objects.all(), which):
            for name, value in values.items():
                setattr(activity, name, value)
            activity.ends_on = activity.starts_on
            activity.branch = pick(Branch.objects.all(), where)
            attempt(activity.save)

    @rule(which=some, other=some, values=facts)
    def edit_what_was_read_before_another_edit(self, which, other, values):
        activity = pick(Activity.objects.all(), which)
        self.edit(which, values, other)
        if activity:
            activity.title = "改过的讲座"
            attempt(activity.save)

    @rule(which=some, values=facts)
    def submit_and_approve(self, which, values):
        if activity := pick(Activity.objects.all(), which):
            for name in ("starts_on", "attendance_offline", "happening"):
                setattr(activity, name, values[name])
            activity.ends_on = activity.starts_on
            attempt(lambda: review.save(activity, self.clerk, submit=True))
            attempt(lambda: review.approve(activity, self.reviewer))

    @rule(which=some)
    def withdraw(self, which):
        if activity := pick(Activity.objects.all(), which):
            attempt(lambda: review.withdraw(activity, self.reviewer))

    @rule(which=some)
    def cancel(self, which):
        if activity := pick(Activity.objects.all(), which):
            activity.happening = Activity.Happening.CANCELLED
            attempt(activity.save)

    @rule(which=some)
    def delete(self, which):
        if activity := pick(Activity.objects.all(), which):
            attempt(activity.delete)

    @rule(month=months)
    def delete_a_month(self, month):
        attempt(Activity.objects.held_in(month).delete)

    @rule(month=months, values=facts, where=some)
    def change_many(self, month, values, where):
        rows = Activity.objects.held_in(month)
        values = {**values, "ends_on": values["starts_on"]}
        target = pick(Branch.objects.all(), where)
        attempt(lambda: rows.update(branch=target, **values))

    @rule(which=some, day=days)
    def move_several_by_bulk_update(self, which, day):
        rows = list(Activity.objects.order_by("pk")[which % 3 : 4])
        for row in rows:
            row.starts_on = row.ends_on = day
        attempt(lambda: Activity.objects.bulk_update(rows, ["starts_on", "ends_on"]))

    # The tree -----------------------------------------------------------------

    @rule(which=some, other=some, month=months)
    def transfer(self, which, other, month):
        moved = pick(Branch.objects.exclude(code="370114"), which)
        parent = pick(Branch.objects.exclude(level="unit"), other)
        day = month.first_day
        attempt(lambda: successions.transfer(deed(day), moved, parent=parent))

    @rule(where=some, day=days, number=some)
    def found(self, where, day, number):
        parent = pick(Branch.objects.exclude(level="unit"), where)
        attempt(
            lambda: successions.found(
                deed(day),
                parent=parent,
                name="青年骑手妇联",
                short_name="青年骑手",
                kind=Branch.Kind.NEW_JOBS,
                level=Branch.Level.UNIT,
            )
        )

    @rule(which=some, day=days)
    def close_branch(self, which, day):
        leaving = pick(Branch.objects.exclude(code="370114"), which)
        attempt(lambda: successions.close(deed(day), leaving))

    @rule(which=some, other=some, month=months)
    def merge(self, which, other, month):
        leaving = pick(Branch.objects.exclude(code="370114"), which)
        into = pick(Branch.objects.exclude(level="unit"), other)
        attempt(lambda: successions.merge(deed(month.first_day), [leaving], into=into))

    @rule(which=some, month=months, closes=st.booleans())
    def split(self, which, month, closes):
        parted = pick(Branch.objects.filter(level="village"), which)
        code = f"370114{Branch.objects.count():06d}"
        part = {"name": "新村妇联", "short_name": "新村", "code": code}
        attempt(
            lambda: successions.split(
                deed(month.first_day), parted, parts=[part], closes=closes
            )
        )

    # People -------------------------------------------------------------------

    @rule(where=some, day=days, again=st.booleans())
    def appoint(self, where, day, again):
        member = self.member if again else MemberFactory(branch=branch("370114"))
        place = pick(Branch.objects.all(), where)
        attempt(
            lambda: Post.objects.create(member=member, branch=place, started_on=day)
        )

    @rule(which=some, day=days)
    def end_post(self, which, day):
        if (post := pick(Post.objects.all(), which)) and day > post.started_on:
            post.ended_on, post.ending = day, Post.Ending.RESIGNED
            attempt(post.save)

    @rule(which=some, where=some)
    def move_post(self, which, where):
        if post := pick(Post.objects.all(), which):
            post.branch = pick(Branch.objects.all(), where)
            attempt(post.save)

    @rule(which=some)
    def strike_post(self, which):
        if post := pick(Post.objects.all(), which):
            attempt(Post.objects.filter(pk=post.pk).delete)

    @rule(which=some, day=days, title=st.sampled_from(["chair", "committee"]))
    def change_title(self, which, day, title):
        if post := pick(Post.objects.filter(ended_on=None), which):
            post.title, post.started_on = title, day
            attempt(post.save)

    @rule(
        which=some, born=births, education=st.sampled_from(["", "college", "bachelor"])
    )
    def learn_of_a_member(self, which, born, education):
        member = pick(Member.objects.all(), which)
        member.birth_month, member.education = born, education
        attempt(member.save)

    @rule(where=some, day=days, seats=st.none() | st.integers(1, 2))
    def elect(self, where, day, seats):
        place = pick(Branch.objects.all(), where)
        term = Term(branch=place, number=place.terms.count() + 1, seats_planned=seats)
        term.elected_on, term.due_on = day, day + timedelta(20)
        attempt(lambda: (term.full_clean(), term.save()))

    @rule(which=some, day=days)
    def prolong_a_term(self, which, day):
        if term := pick(Term.objects.all(), which):
            term.due_on = day
            attempt(lambda: (term.full_clean(), term.save()))

    @rule(where=some, day=days, rank=st.sampled_from(["province", "town"]))
    def honour(self, where, day, rank):
        place = pick(Branch.objects.all(), where)
        row = Honour(branch=place, awarded_on=day, rank=rank, is_of_branch=True)
        attempt(row.save)

    @rule(which=some, state=st.sampled_from(["announced", "awarded", "revoked"]))
    def reconsider_an_honour(self, which, state):
        if honour := pick(Honour.objects.all(), which):
            attempt(lambda: Honour.objects.filter(pk=honour.pk).update(state=state))

    @rule(where=some, who=some, day=days, number=st.integers(1, 3))
    def delegate(self, where, who, day, number):
        seat = Delegate(branch=pick(Branch.objects.all(), where), congress=number)
        seat.member, seat.level = pick(Member.objects.all(), who), "province"
        seat.started_on = day
        attempt(lambda: (seat.full_clean(), seat.save()))

    # Households ---------------------------------------------------------------

    @rule(where=some, day=days, number=st.integers(1, 3))
    def register_households(self, where, day, number):
        place = pick(Branch.objects.filter(level="village"), where)
        last = Household.objects.count()
        rows = [
            Household(branch=place, number=last + n, contact_name="户", entered_on=day)
            for n in range(1, number + 1)
        ]
        attempt(lambda: Household.objects.bulk_create(rows))

    @rule(which=some, day=st.none() | days)
    def leave_the_register(self, which, day):
        if household := pick(Household.objects.all(), which):
            household.left_on = day
            attempt(lambda: (household.full_clean(), household.save()))

    @rule(which=some, day=days, of_village=st.booleans())
    def inspect(self, which, day, of_village):
        if household := pick(Household.objects.all(), which):
            row = Inspection(branch=household.branch, inspected_on=day, points=90)
            row.household = None if of_village else household
            row.standard, row.kind, row.outcome = self.standard, "village", "met"
            attempt(row.save)

    @rule(which=some, day=days, of_village=st.booleans())
    def recognise(self, which, day, of_village):
        household = pick(Household.objects.filter(recognitions=None), which)
        if household:
            row = Recognition(branch=household.branch, batch=self.batch)
            row.household = None if of_village else household
            row.subject = "village" if of_village else "household"
            row.stage, row.granted_on, row.review_due_on = "granted", day, day
            attempt(lambda: (row.full_clean(), row.save()))

    @rule(which=some, day=days)
    def revoke(self, which, day):
        granted = Recognition.objects.filter(stage="granted", granted_on__lt=day)
        if row := pick(granted, which):
            row.stage, row.revoked_on = "revoked", day
            attempt(row.save)

    @rule(where=some, day=days, value=st.integers(0, 300))
    def count_courtyards(self, where, day, value):
        place = pick(Branch.objects.filter(level__in=["village", "town"]), where)
        stat = BranchStat(branch=place, figure="courtyards", as_of=day, value=value)
        stat.source = "年报"
        attempt(lambda: (stat.full_clean(), stat.save()))

    # Months -------------------------------------------------------------------

    @precondition(lambda self: len(self.closed) < 2)
    @rule(month=st.sampled_from(MONTHS[:3]))
    def close_month(self, month):
        self.drain()
        ReportingMonth.objects.update_or_create(
            month=month.first_day, defaults={"status": ReportingMonth.Status.CLOSED}
        )
        self.closed.add(month)
        # Its figures stay as they are, whatever is recounted.
        rows = stored_rollups().items()
        self.frozen |= {key: row for key, row in rows if key[1] == month.first_day}

    @rule()
    def drain(self):
        engine.drain_marks()

        the_tree_is_whole()
        closed = {month.first_day for month in self.closed}
        assert not Mark.objects.exists()
        assert stored_rollups() == self.frozen | expected_rollups()
        assert {key for key in stored_keys() if key[1] not in closed} == {
            key for key in expected_keys() if key[1] not in closed
        }

    def nothing_is_left_to_repair(self):
        assert engine.differences(engine.known_months(), repair=False) == []


def the_tree_is_whole() -> None:
    """In each month a branch stands once, where its path says, below its parent."""
    placements = list(Placement.objects.select_related("branch", "parent"))
    for month in MONTHS:
        day = month.first_day
        tree = [p for p in placements if p.from_month <= day < p.until_month]
        stands = {p.branch_id: p for p in tree}
        assert len(stands) == len(tree)
        for placement in tree:
            above = stands[placement.parent_id].path if placement.parent_id else ""
            assert placement.path == f"{above}{placement.branch.code}/"
            assert placement.depth == placement.path.count("/") - 1
    for placement in placements:
        if placement.until_month == UNTIL_EVER:
            assert placement.branch.path == placement.path
            assert placement.branch.parent_id == placement.parent_id


def branch(code: str) -> Branch:
    return Branch.objects.get(code=code)


def pick(rows, number: int):
    """Return one of *rows*; None if there is none."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.get(pk=keys[number % len(keys)]) if keys else None


def deed(day) -> successions.Deed:
    return successions.Deed(
        on=day, reason="区划调整", document_number="章妇〔2026〕1号"
    )


def attempt(write) -> None:
    """Do it, or be refused as a user is: then nothing of it stays."""
    with contextlib.suppress(ValidationError), transaction.atomic():
        write()


def test_after_a_drain_the_rollups_are_what_a_naive_recount_gives(db, more_indicators):
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    for street in ("370114001", "370114002"):
        parent = BranchFactory(code=street, level="town", parent=district)
        for number in (1, 2):
            BranchFactory(code=f"{street}00{number}", parent=parent)

    run_state_machine_as_test(Office, settings=EXAMPLES)


EXAMPLES = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,  # never a wall-clock assertion
    database=None,
    suppress_health_check=list(HealthCheck),
)
