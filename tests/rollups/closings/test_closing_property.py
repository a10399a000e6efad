"""Whatever is submitted, changed, closed, entered late, reopened (for everybody or for
one branch), closed again and transferred: every revision stays what it was, and the
newest is what a naive recount gave when it was made."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from activities import corrections as late_activities
from activities.models import Activity
from federation.models import Branch, MonthOpening, Placement, Programme, ReportingMonth
from federation.months import Month, local_today
from federation.roles import Role
from rollups import closings, corrections, engine
from rollups.models import Correction, Revision
from tests.conftest import staff
from tests.factories import BranchFactory
from tests.rollups.naive import expected_rollups, stored_rollups
from tests.rollups.test_recount_property import (
    MONTHS,
    Office,
    attempt,
    branch,
    days,
    facts,
    pick,
    some,
)

PAST = st.sampled_from(MONTHS[:3])


class ClosingOffice(Office):
    """The office of the recount's test, with the district closing its months."""

    def __init__(self):
        super().__init__()
        self.files = {}  # every revision's bytes as they were
        self.fenced = {}  # of a partly open month: what others had in it
        self.office = staff(branch("370114"), Role.DISTRICT_ADMIN, "office")

    @rule(month=PAST)
    def close_month(self, month):
        self.drain()
        attempt(lambda: closings.close(month, None, "按期结账"))
        self.note_closed(month)

    def note_closed(self, month):
        """Look at the revision a closing made, if *month* is closed by now."""
        state = ReportingMonth.objects.filter(month=month.first_day).first()
        if month in self.closed or state is None or state.status != "closed":
            return
        revision = Revision.objects.newest_of(month)
        is_new = revision.pk not in self.files
        # One opened for a branch stays at its revision if no figure moved.
        assert is_new or month in self.fenced
        self.files.setdefault(revision.pk, (bytes(revision.csv), revision.sha256))
        self.fenced.pop(month, None)
        self.closed.add(month)
        day = month.first_day
        self.frozen |= {k: v for k, v in stored_rollups().items() if k[1] == day}
        assert kept(revision) == counted(self.frozen, day)
        entered = Correction.objects.entered().of_month(month)
        assert not entered.filter(revision=None).exists()

    @precondition(lambda self: self.closed)
    @rule(which=some)
    def reopen_month(self, which):
        self.reopen(sorted(self.closed)[which % len(self.closed)])

    def reopen(self, month):
        entered = closings.reopen(month, None, reason="人次有误")
        self.note_opened(month, entered)

    def note_opened(self, month, entered):
        self.closed.discard(month)
        self.fenced.pop(month, None)
        day = month.first_day
        self.frozen = {k: v for k, v in self.frozen.items() if k[1] != day}
        if entered:
            self.drain()
        of_month = {k: v for k, v in expected_rollups().items() if k[1] == day}
        assert {k: v for k, v in stored_rollups().items() if k[1] == day} == of_month
        waiting = Correction.objects.to_enter().of_month(month)
        if ReportingMonth.objects.get(month=day).status == "open":
            assert not waiting.filter(problem="").exists()

    @precondition(lambda self: self.closed)
    @rule(which=some, where=some)
    def open_for_one(self, which, where):
        month = sorted(self.closed)[which % len(self.closed)]
        place = pick(Branch.objects.exclude(code="370114"), where)
        entered = []
        attempt(
            lambda: entered.append(
                closings.reopen(
                    month,
                    None,
                    reason="漏报",
                    branch=place,
                    until=local_today() + timedelta(days=5),
                )
            )
        )
        if entered:  # it stood in the tree of that month
            self.note_opened(month, entered[0])
            self.fenced[month] = self.beyond_the_fence(month)

    def beyond_the_fence(self, month) -> list:
        """Return what those for whom *month* stays closed have in it."""
        day, tree = month.first_day, dict(places(month))
        tops = tuple(
            tree[opening.branch_id]
            for opening in MonthOpening.objects.of_month(day).not_ended()
        )
        rows = Activity.objects.held_in(month).order_by("pk")
        columns = ("pk", "branch", "starts_on", "attendance_offline", "approved_at")
        return [
            row
            for row in rows.values_list(*columns)
            if not tree.get(row[1], "").startswith(tops)
        ]

    @precondition(lambda self: self.fenced)
    @rule(which=some, values=facts, where=some)
    def write_into_the_open_part(self, which, values, where):
        month = sorted(self.fenced)[which % len(self.fenced)]
        opening = MonthOpening.objects.of_month(month.first_day).not_ended().first()
        place = pick(Branch.objects.within(opening.branch), where)
        row = {"title": "讲座", "branch": place, "programme": self.programmes[0]}
        row |= {**values, "starts_on": month.first_day, "ends_on": month.first_day}
        attempt(lambda: Activity(**row, client_token=None).save())

    @precondition(lambda self: self.fenced)
    @rule()
    def let_the_openings_expire(self):
        self.drain()
        MonthOpening.objects.not_ended().update(until=local_today() - timedelta(days=1))
        closings.close_expired()
        for month in list(self.fenced):
            self.note_closed(month)
        assert not self.fenced

    @precondition(lambda self: self.closed)
    @rule(closed=some, which=some, values=facts, where=some, is_new=st.booleans())
    def report_late_as_a_correction(self, closed, which, values, where, is_new):
        month = sorted(self.closed)[closed % len(self.closed)]
        place = pick(Branch.objects.all(), where)
        row = Activity(title="漏报", branch=place, programme=self.programmes[0])
        if not is_new:
            row = pick(Activity.objects.held_in(month), which) or row
        for name, value in values.items():
            if name != "result_approved_at":
                setattr(row, name, value)
        row.starts_on = row.ends_on = month.first_day
        row.is_for_correction = True
        attempt(lambda: self.hand_in(row))

    @precondition(lambda self: self.closed)
    @rule(where=some, values=facts, is_new=st.booleans(), for_one=st.booleans())
    def enter_late_and_close_again(self, where, values, is_new, for_one):
        self.report_late_as_a_correction(where, where, values, where, is_new)
        late = Correction.objects.to_enter().order_by("pk").last()
        if late is None:
            return
        month = Month.of(late.month)
        if month in self.closed and for_one:
            others = Branch.objects.exclude(code="370114")
            known = list(others.values_list("pk", flat=True))
            if late.branch_id in known:
                closed = sorted(self.closed).index(month)
                self.open_for_one(closed, known.index(late.branch_id))
                late.refresh_from_db()
                assert late.state == "entered" or late.problem or month in self.closed
                self.let_the_openings_expire()
        elif month in self.closed:
            self.reopen(month)
            self.close_month(month)

    def hand_in(self, row):
        row.full_clean(exclude=["client_token"])
        if proposal := late_activities.proposed(row, []):
            token = Correction().token
            late = corrections.keep(proposal, self.clerk, reason="漏报", token=token)
            corrections.approve(late, self.reviewer)
            if late.branch.depth > 1:
                corrections.approve(late, self.office)

    @initialize(
        reports=st.lists(facts, min_size=3, max_size=5),
        day=days,
        month=PAST,
        late=facts,
        where=some,
        is_new=st.booleans(),
        for_one=st.booleans(),
    )
    def begin(self, reports, day, month, late, where, is_new, for_one):
        super().begin(reports, day)
        engine.open_month(month)
        self.close_month(month)
        self.enter_late_and_close_again(where, late, is_new, for_one)

    @precondition(lambda self: self.closed)
    @rule(closed=some, which=some, values=facts, where=some)
    def change_a_closed_month_and_close_it_again(self, closed, which, values, where):
        month = sorted(self.closed)[closed % len(self.closed)]
        self.reopen(month)
        self.edit(which, {**values, "starts_on": month.first_day}, where)
        self.close_month(month)

    @rule(values=facts, where=some, programme=some)
    def report_late(self, values, where, programme):
        """Whoever enters something into a closed month is refused."""
        if self.closed:
            month = min(self.closed)
            values = {**values, "starts_on": month.first_day}
            self.report(values, where, programme, number=1)

    @rule(where=some, day=days)
    def appoint_with_a_true_date(self, where, day):
        self.appoint(where=where, day=day, again=False)

    @invariant()
    def what_is_fenced_off_is_what_it_was(self):
        for month, rows in self.fenced.items():
            assert self.beyond_the_fence(month) == rows

    @invariant()
    def every_revision_is_what_it_was(self):
        for revision in Revision.objects.all():
            stored = (bytes(revision.csv), revision.sha256)
            assert stored == self.files[revision.pk]
        assert list(closings.verify()) == []


def places(month: Month):
    """Return (branch, path) in the tree of *month*, of today for who has left it."""
    yield from Branch.objects.values_list("pk", "path")
    tree = Placement.objects.covering(month)
    yield from tree.values_list("branch_id", "path")


def kept(revision) -> dict:
    rows = revision.rows.values_list(
        "branch_code", "programme", "indicator", "own", "total"
    )
    return {row[:3]: row[3:] for row in rows}


def counted(rollups: dict, day) -> dict:
    codes = dict(Branch.objects.values_list("pk", "code"))
    slugs = dict(Programme.objects.values_list("pk", "slug"))
    return {
        (codes[branch_id], slugs[programme_id], indicator): values
        for (indicator, month, branch_id, programme_id), values in rollups.items()
        if month == day
    }


def test_every_revision_stays_and_the_newest_is_a_naive_recount(db, more_indicators):
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    for street in ("370114001", "370114002"):
        parent = BranchFactory(code=street, level="town", parent=district)
        for number in (1, 2):
            BranchFactory(code=f"{street}00{number}", parent=parent)

    run_state_machine_as_test(ClosingOffice, settings=EXAMPLES)


EXAMPLES = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,  # never a wall-clock assertion
    database=None,
    suppress_health_check=list(HealthCheck),
)
