"""Whatever becomes of the tree: 现口径 is what living through it again gives, for every
listing, in both tables and in the records; and no figure of the whole is lost."""

import contextlib
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from federation import successions
from federation.models import Branch
from federation.months import Month
from rollups import closings, engine, registry
from rollups.records import evidence
from rollups.tables import REST, WHOLE, LongTable, wide_table
from rollups.tables.long import COLUMNS
from tests.factories import BranchFactory, ProgrammeFactory
from tests.rollups.reading import ACTIVE, SESSIONS, ask, hold
from tests.rollups.tables.naive_basis import expected

NOW = Month.current()
MONTHS = Month.range(NOW.plus(-4), NOW)

months = st.sampled_from(MONTHS)
some = st.integers(min_value=0, max_value=10**6)
LEVELS = ("", "town", "village")


class District(RuleBasedStateMachine):
    """A tree that is transferred, merged, split and closed, while lectures are held and
    months close."""

    def __init__(self):
        super().__init__()
        self.work = transaction.atomic()
        self.work.__enter__()
        ProgrammeFactory()

    def teardown(self):
        transaction.set_rollback(True)
        self.work.__exit__(None, None, None)

    @initialize(places=st.lists(st.tuples(some, months), min_size=8, max_size=12))
    def begin(self, places):
        for where, month in places:
            self.lecture(where, month)

    @rule(where=some, month=months)
    def lecture(self, where, month):
        place = pick(Branch.objects.all(), where)
        if place.placements.covering(month).exists():
            day = month.first_day + timedelta(days=7)
            attempt(lambda: hold(place, day))

    @rule(which=some, other=some, month=months)
    def transfer(self, which, other, month):
        moved = pick(Branch.objects.exclude(code="370114"), which)
        parent = pick(Branch.objects.exclude(level="village"), other)
        attempt(lambda: successions.transfer(deed(month), moved, parent=parent))

    @rule(which=some, other=some, month=months)
    def merge(self, which, other, month):
        leaving = pick(Branch.objects.exclude(code="370114"), which)
        into = pick(Branch.objects.exclude(code="370114"), other)
        if leaving.level == into.level:
            attempt(lambda: successions.merge(deed(month), [leaving], into=into))

    @rule(which=some, month=months, closes=st.booleans(), number=st.integers(1, 2))
    def split(self, which, month, closes, number):
        parted = pick(Branch.objects.exclude(code="370114"), which)
        count = Branch.objects.count()
        parts = [
            {"name": f"新{n}妇联", "short_name": f"新{n}", "code": f"3701149{n:05d}"}
            for n in range(count, count + number)
        ]
        attempt(
            lambda: successions.split(deed(month), parted, parts=parts, closes=closes)
        )

    @rule(which=some, month=months)
    def close_branch(self, which, month):
        leaving = pick(Branch.objects.exclude(code="370114"), which)
        attempt(lambda: successions.close(deed(month, month.last_day), leaving))

    @rule(month=st.sampled_from(MONTHS[:2]))
    def close_month(self, month):
        engine.drain_marks()
        attempt(lambda: closings.close(month, None))

    @rule(
        where=some,
        first=st.integers(0, 4),
        last=st.integers(0, 4),
        basis=st.integers(0, 4),
        level=st.sampled_from(LEVELS),
    )
    def read(self, where, first, last, basis, level):
        engine.drain_marks()
        first, last = sorted((first, last))
        question = ask(
            pick(Branch.objects.all(), where),
            SESSIONS,
            ACTIVE,
            first=MONTHS[first],
            last=MONTHS[last],
            level=level,
            basis=MONTHS[max(last, basis)],
        )
        rows = expected(question)
        self.the_wide_table_is_naive(question, rows)
        self.the_long_table_is_naive(question, rows)

    def the_wide_table_is_naive(self, question, rows):
        sessions, active = {}, {}
        for (row, _), (_, total, branches) in rows.items():
            sessions[row] = sessions.get(row, 0) + total
            active[row] = active.get(row, set()) | branches
        for row in wide_table(question).rows:
            figures = [sessions.get(row.key, 0), len(active.get(row.key, ()))]
            assert (row.name, row.figures) == (row.name, figures)
            sessions.pop(row.key, None)
            found = evidence(question, registry.indicator(SESSIONS), row.key)
            assert found.figure == found.stored == figures[0]
        assert sessions == {}

    def the_long_table_is_naive(self, question, rows):
        codes = dict(Branch.objects.values_list("pk", "code"))
        wanted = {}
        for (row, month), (own, total, branches) in rows.items():
            if row == WHOLE:
                continue
            code = question.branch.code if row == REST else codes[row]
            place = (str(month), code, row == REST)
            wanted[(*place, SESSIONS)] = (str(own), str(total))
            wanted[(*place, ACTIVE)] = str(len(branches))
        found = {}
        for cells in LongTable(question)[0:1000]:
            row = dict(zip(COLUMNS, cells, strict=True))
            place = (row["month"], row["branch_code"], row["level"] == "rest")
            is_flow = row["indicator"] == SESSIONS
            value = (row["own"], row["total"]) if is_flow else row["total"]
            found[(*place, row["indicator"])] = value
        assert found == wanted

    @invariant()
    def the_whole_is_the_same_by_either_tree(self):
        root = Branch.objects.get(code="370114")
        engine.drain_marks()
        asked = {"first": MONTHS[0], "last": MONTHS[-1]}
        then = wide_table(ask(root, SESSIONS, ACTIVE, **asked)).whole.figures
        now = wide_table(ask(root, SESSIONS, ACTIVE, basis=NOW, **asked)).whole.figures
        assert then == now


def pick(rows, number: int):
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.get(pk=keys[number % len(keys)])


def deed(month: Month, day=None) -> successions.Deed:
    return successions.Deed(
        on=day or month.first_day, reason="区划调整", document_number="章妇〔2026〕1号"
    )


def attempt(write) -> None:
    """Do it, or be refused as a user is: then nothing of it stays."""
    with contextlib.suppress(ValidationError), transaction.atomic():
        write()


def test_todays_tree_is_what_living_through_the_changes_gives(db):
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    for street in ("370114001", "370114002"):
        parent = BranchFactory(code=street, level="town", parent=district)
        for number in (1, 2):
            BranchFactory(code=f"{street}00{number}", parent=parent)

    run_state_machine_as_test(
        District,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,  # never a wall-clock assertion
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
