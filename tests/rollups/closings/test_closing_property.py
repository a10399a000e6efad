"""Whatever is submitted, changed, closed, entered late, reopened, closed again and
transferred: every revision stays what it was, and the newest is what a naive recount
gave when it was made."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from federation.models import Branch, Programme
from rollups import closings
from rollups.models import Revision
from tests.factories import BranchFactory
from tests.rollups.naive import expected_rollups, stored_rollups
from tests.rollups.test_recount_property import (
    MONTHS,
    Office,
    attempt,
    days,
    facts,
    some,
)

PAST = st.sampled_from(MONTHS[:3])


class ClosingOffice(Office):
    """The office of the recount's test, with the district closing its months."""

    def __init__(self):
        super().__init__()
        self.files = {}  # every revision's bytes as they were

    @rule(month=PAST)
    def close_month(self, month):
        self.drain()
        known = Revision.objects.count()
        attempt(lambda: closings.close(month, None, "按期结账"))
        if Revision.objects.count() == known:
            return
        revision = Revision.objects.newest_of(month)
        self.files[revision.pk] = (bytes(revision.csv), revision.sha256)
        self.closed.add(month)
        day = month.first_day
        self.frozen |= {k: v for k, v in stored_rollups().items() if k[1] == day}
        assert kept(revision) == counted(self.frozen, day)

    @precondition(lambda self: self.closed)
    @rule(which=some)
    def reopen_month(self, which):
        self.reopen(sorted(self.closed)[which % len(self.closed)])

    def reopen(self, month):
        closings.reopen(month, None, reason="人次有误")
        self.closed.discard(month)
        day = month.first_day
        self.frozen = {k: v for k, v in self.frozen.items() if k[1] != day}
        of_month = {k: v for k, v in expected_rollups().items() if k[1] == day}
        assert {k: v for k, v in stored_rollups().items() if k[1] == day} == of_month

    @initialize(reports=st.lists(facts, min_size=3, max_size=5), day=days, month=PAST)
    def begin(self, reports, day, month):
        super().begin(reports, day)
        self.close_month(month)

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
    def every_revision_is_what_it_was(self):
        for revision in Revision.objects.all():
            stored = (bytes(revision.csv), revision.sha256)
            assert stored == self.files[revision.pk]
        assert list(closings.verify()) == []


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
