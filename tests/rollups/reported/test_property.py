"""Whatever the district defines and the branches type in: after a drain the rollups are
what a naive recount gives, and what a closed month said stays."""

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from federation import successions
from federation.models import Branch, Mark, ReportingMonth
from rollups import engine
from rollups.models import (
    DerivedIndicator,
    ReportedBatch,
    ReportedFigure,
    ReportedIndicator,
)
from tests.factories import (
    BranchFactory,
    DerivedIndicatorFactory,
    ProgrammeFactory,
    ReportedBatchFactory,
    ReportedFigureFactory,
    ReportedIndicatorFactory,
    ResultFactory,
)
from tests.rollups.naive import (
    expected_keys,
    expected_rollups,
    stored_keys,
    stored_rollups,
)
from tests.rollups.test_recount_property import (
    EXAMPLES,
    MONTHS,
    attempt,
    deed,
    months,
    pick,
    some,
)

FEW = settings(EXAMPLES, max_examples=12, stateful_step_count=16)
OVER = MONTHS[:4]  # those that have begun

began = st.sampled_from(OVER)
values = st.decimals(0, 90, places=2, allow_nan=False)
filters = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.lists(st.sampled_from(["lecture", "law"]), min_size=1, unique=True),
        "audience": st.just(["women"]),
    },
).filter(bool)


class District(RuleBasedStateMachine):
    """The district defines, the branches type in, months close and branches move."""

    def __init__(self):
        super().__init__()
        self.work = transaction.atomic()
        self.work.__enter__()
        self.frozen = {}

    def teardown(self):
        try:
            self.drain()
            assert engine.differences(engine.known_months(), repair=False) == []
        finally:
            transaction.set_rollback(True)
            self.work.__exit__(None, None, None)

    @initialize(first=st.sampled_from(["flow", "stock"]))
    def begin(self, first):
        for kind in (first, "stock"):
            self.ask(kind=kind, since=MONTHS[0], named=False)
        for where in range(4):
            self.hold(where=where, month=MONTHS[1 + where % 3], kind="lecture")
            self.say(which=where, where=where, month=MONTHS[1], value=7)

    @rule(
        kind=st.sampled_from(["flow", "stock"]),
        since=st.sampled_from(MONTHS),
        named=st.booleans(),
    )
    def ask(self, kind, since, named):
        self.drain()  # so that the definition alone is left to count
        indicator = ReportedIndicatorFactory(kind=kind)
        for name in ("a", "b") if named else ("",):
            ReportedBatchFactory(
                indicator=indicator, slug=name, name=name, from_month=since.first_day
            )

    @rule(which=some, until=st.none() | months, since=months)
    def change_when_it_is_in_force(self, which, until, since):
        self.drain()  # so that the definition alone is left to count
        if batch := pick(ReportedBatch.objects.all(), which):
            batch.from_month = since.first_day
            batch.until_month = until and until.first_day
            attempt(lambda: batch.full_clean() or batch.save())

    @rule(which=some)
    def move_to_a_programme(self, which):
        self.drain()  # so that the definition alone is left to count
        if indicator := pick(ReportedIndicator.objects.all(), which):
            indicator.programme = ProgrammeFactory(slug="care")
            indicator.save()

    @rule(filters=filters, base=st.sampled_from(["sessions", "active_branches"]))
    def derive(self, filters, base):
        self.drain()  # so that the definition alone is left to count
        DerivedIndicatorFactory(base=f"activities.{base}", filters=filters)

    @rule(which=some, filters=filters)
    def derive_otherwise(self, which, filters):
        self.drain()  # so that the definition alone is left to count
        if derived := pick(DerivedIndicator.objects.all(), which):
            derived.filters = filters
            derived.save()

    @rule(which=some)
    def take_a_definition_back(self, which):
        self.drain()  # so that the definition alone is left to count
        if derived := pick(DerivedIndicator.objects.all(), which):
            derived.delete()

    @rule(which=some, where=some, month=began, value=values)
    def say(self, which, where, month, value):
        batch, branch = pick(ReportedBatch.objects.all(), which), pick_branch(where)
        day = month.first_day
        if batch is None or not batch.is_in_force(month):
            return
        said = ReportedFigure.objects.filter(branch=branch, batch=batch, month=day)
        if figure := said.first():
            figure.value = value
            attempt(figure.save)
        else:
            attempt(
                lambda: ReportedFigureFactory(
                    branch=branch, batch=batch, month=day, value=value
                )
            )

    @rule(which=some)
    def take_back(self, which):
        if figure := pick(ReportedFigure.objects.all(), which):
            attempt(figure.delete)

    @rule(month=began)
    def take_a_month_back(self, month):
        rows = ReportedFigure.objects.filter(month=month.first_day)
        attempt(rows.delete)

    @rule(where=some, month=began, kind=st.sampled_from(["lecture", "law"]))
    def hold(self, where, month, kind):
        attempt(
            lambda: ResultFactory(
                branch=pick_branch(where),
                starts_on=month.first_day,
                kind=kind,
                audience="women" if where % 2 else "children",
                result_approved_at=timezone.now(),
            )
        )

    @rule(which=some, other=some, month=began)
    def transfer(self, which, other, month):
        moved = pick(Branch.objects.filter(level="village"), which)
        parent = pick(Branch.objects.filter(level="town"), other)
        attempt(
            lambda: successions.transfer(deed(month.first_day), moved, parent=parent)
        )

    @rule(month=st.sampled_from(MONTHS[:2]))
    def close(self, month):
        if month.first_day in {key[1] for key in self.frozen}:
            return
        self.drain()
        row, _ = ReportingMonth.objects.get_or_create(month=month.first_day)
        row.status = ReportingMonth.Status.CLOSED
        row.save()
        self.frozen |= {
            key: figures
            for key, figures in stored_rollups().items()
            if key[1] == month.first_day
        }

    @rule()
    def drain(self):
        engine.drain_marks()

        assert not Mark.objects.exists()
        assert stored_rollups() == self.frozen | expected_rollups()
        closed = ReportingMonth.objects.closed().values_list("month", flat=True)
        closed = set(closed)
        assert {key for key in stored_keys() if key[1] not in closed} == {
            key for key in expected_keys() if key[1] not in closed
        }


def pick_branch(number: int) -> Branch:
    return pick(Branch.objects.all(), number)


@pytest.mark.django_db
def test_what_is_defined_and_typed_in_is_what_a_naive_recount_gives():
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    for street in ("370114001", "370114002"):
        parent = BranchFactory(code=street, level="town", parent=district)
        BranchFactory(code=f"{street}001", parent=parent)

    run_state_machine_as_test(District, settings=FEW)
