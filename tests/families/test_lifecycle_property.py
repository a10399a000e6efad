"""Whatever happens to households and villages: at every date the counts are what their
history says, step by step, and the rollups say the same month by month."""

import contextlib
from collections import Counter, defaultdict
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from families import inspections, recognition, standards
from families.models import Batch, Household, Plate, Recognition, RecognitionStep
from families.models.choices import RUNNING, Act, Stage, Subject
from federation import successions
from federation.models import Branch, BranchStat
from federation.months import Month, local_today
from federation.roles import Role
from rollups import engine
from tests.conftest import staff
from tests.factories import BatchFactory, BranchFactory, HouseholdFactory
from tests.rollups.naive import expected_rollups, stored_rollups

START = Month.current().plus(-4).first_day
some = st.integers(min_value=0, max_value=10**6)
acts = st.sampled_from(list(recognition.STRIDES))
AFTER = {Act.GRANT: Stage.GRANTED, Act.REFUSE: Stage.REFUSED, Act.REVOKE: Stage.REVOKED}
AFTERWARDS = [
    recognition.warn,
    recognition.mend,
    recognition.renew,
    recognition.revoke,
]
STANDS = {Act.APPLY: Stage.APPLIED, Act.ASSESS: Stage.ASSESSED} | {
    Act.REVIEW: Stage.REVIEWED,
    Act.PUBLISH: Stage.PUBLISHED,
}


class Programme(RuleBasedStateMachine):
    """A district at work for some months; the day goes on, sometimes by weeks."""

    def __init__(self):
        super().__init__()
        self.work = transaction.atomic()
        self.work.__enter__()
        self.day = START
        self.user = staff(Branch.objects.root(), Role.DISTRICT_ADMIN, "office")
        standards.load_first(date(2022, 1, 1))
        # Villages of few courtyards, so that some of them reach the share.
        for village in villages():
            HouseholdFactory.create_batch(3, branch=village)

    def teardown(self):
        try:
            self.compare()
        finally:
            transaction.set_rollback(True)
            self.work.__exit__(None, None, None)

    @initialize(
        steps=st.sampled_from([5, 5, 5, 3, 0]), has_villages=st.booleans(), at=some
    )
    def begin(self, steps, has_villages, at):
        """Begin on the way, with households recognised, or with villages as well."""
        rows = list(Household.objects.all())
        for row in rows:
            self.look(row, model=True)
        batch = BatchFactory(branch=Branch.objects.root(), opened_on=self.day)
        self.attempt(
            lambda: recognition.apply(self.user, batch, self.day, households=rows)
        )
        self.go_through(batch, steps - 1)
        if has_villages:
            for village in villages():
                self.count_courtyards(where=village.pk, value=at % 4 + 3)
            self.apply_for_villages()
            self.go_through(Batch.objects.order_by("pk").last(), 4)

    def go_through(self, batch, number):
        for act in list(recognition.STRIDES)[: max(number, 0)]:
            self.take(act, batch.recognitions.all())

    # The days ------------------------------------------------------------------

    @rule(days=st.integers(1, 25))
    def go_on(self, days):
        self.day = min(self.day + timedelta(days=days), local_today())

    @rule()
    def compare(self):
        engine.drain_marks()
        assert stored_rollups() == expected_rollups()
        the_history_is_whole()
        for day in days_that_matter():
            assert counted_on(day) == recounted_on(day), day

    # Households and villages -----------------------------------------------------

    @rule(which=some, does=st.sampled_from(["enter", "leave", "come back"]))
    def enter_or_leave(self, which, does):
        if does == "enter":
            village = pick(villages(), which)
            if village.exists_on(self.day):
                number = Household.objects.next_number(village)
                HouseholdFactory(branch=village, number=number, entered_on=self.day)
            return
        is_here = does == "leave"
        rows = Household.objects.without_former().filter(left_on__isnull=is_here)
        household = pick(rows, which)
        exists = household and household.branch.exists_on(self.day)
        if exists and household.entered_on < self.day:
            # Back again: somebody had mistaken one household for another. By the
            # door of a roster, that of the form asks for the plate first.
            rows = Household.objects.filter(pk=household.pk)
            rows.update(left_on=self.day if is_here else None)

    @rule(where=some, value=st.integers(1, 8))
    def count_courtyards(self, where, value):
        values = {"value": value, "source": "年报"}
        BranchStat.objects.update_or_create(
            branch=pick(villages(), where),
            figure="courtyards",
            as_of=self.day,
            defaults=values,
        )

    @rule(which=some, other=some, closes=st.integers(0, 3))
    def change_the_tree(self, which, other, closes):
        village = pick(villages().filter(closed_on=None), which)
        if village is None:
            return
        if closes == 0:
            self.attempt(lambda: successions.close(deed(self.day), village))
            return
        street = pick(Branch.objects.filter(level="town"), other)
        month = Month.of(self.day).first_day
        self.attempt(lambda: successions.transfer(deed(month), village, parent=street))

    @rule(which=some, other=some)
    def merge(self, which, other):
        """Often recorded after the day on which it takes effect."""
        running = villages().filter(closed_on=None)
        village, into = pick(running, which), pick(running, other)
        month = Month.of(self.day).first_day
        if village:
            act = deed(month)
            self.attempt(lambda: successions.merge(act, [village], into=into))

    @rule(which=some, model=st.booleans())
    def inspect(self, which, model):
        self.look(pick(Household.objects.all(), which), model=model)

    # The way -----------------------------------------------------------------------

    @rule()
    def apply_for_villages(self):
        """The site proposes, a person applies for all of them."""
        for village in villages():
            self.attempt(
                lambda village=village: self._record(Subject.VILLAGE, branch=village)
            )
        proposed = [one for one, _ in recognition.proposals(self.user, self.day)]
        batch = BatchFactory(
            branch=Branch.objects.root(), subject="village", opened_on=self.day
        )
        self.attempt(
            lambda: recognition.apply(self.user, batch, self.day, branches=proposed)
        )

    @rule(to_the_end=st.booleans())
    def apply(self, to_the_end):
        """Every household that may, those that lost their plate among them."""
        running = Recognition.objects.running().values("household")
        free = Household.objects.registered_on(self.day).exclude(
            pk__in=running.filter(household__isnull=False)
        )
        batch = BatchFactory(branch=Branch.objects.root(), opened_on=self.day)
        for household in free:
            self.look(household, model=True)
            self.attempt(
                lambda one=household: recognition.apply(
                    self.user, batch, self.day, households=[one]
                )
            )
        if to_the_end:
            self.go_through(batch, 4)

    @rule(act=acts, which=some)
    def advance(self, act, which):
        rows = Recognition.objects.on_the_way()
        if row := pick(rows, which):
            self.take(act, rows.filter(batch=row.batch))

    @rule(which=some)
    def refuse(self, which):
        self.act_on(
            Recognition.objects.on_the_way(), which, recognition.refuse, "材料不全"
        )

    @rule(which=some, days=st.integers(0, 9), act=st.sampled_from(AFTERWARDS))
    def decide_afterwards(self, which, days, act):
        """Warn and mend, renew or revoke; what is looked at has mended."""
        self.go_on(days)
        granted = Recognition.objects.filter(stage=Stage.GRANTED)
        row = pick(granted, which)
        if row is None:
            return
        if act in (recognition.renew, recognition.mend):
            place = row.household or row.branch
            what = "household" if row.household else "branch"
            self.attempt(lambda: self._record(row.subject, **{what: place}))
        more = {
            recognition.warn: (self.day + timedelta(days=10), "院里堆柴"),
            recognition.revoke: ("整改不到位",),
        }
        self.act_on(granted, which, act, *more.get(act, ()))

    # How it is done ------------------------------------------------------------------

    def take(self, act, rows):
        """Take a stride; 公示 lasts one day, and a grant comes the day after."""
        batches = Batch.objects.filter(recognitions__in=rows)
        if act == Act.PUBLISH:
            for batch in set(batches):
                batch.published_from = batch.published_until = self.day
                batch.save()
        if act == Act.GRANT:
            self.go_on(1)
        self.attempt(lambda: recognition.advance(self.user, act, rows, self.day))

    def act_on(self, rows, which, act, *more):
        if row := pick(rows, which):
            chosen = Recognition.objects.filter(pk=row.pk)
            self.attempt(lambda: act(self.user, chosen, self.day, *more))

    def look(self, household, *, model):
        self.attempt(
            lambda: self._record(Subject.HOUSEHOLD, model, household=household)
        )

    def _record(self, subject, model=True, **what):
        criteria = inspections.standard_on(subject, self.day).criteria.all()
        scores = {c.pk: c.weight if model else 0 for c in criteria if not c.is_veto}
        return inspections.record(
            self.user,
            kind="town",
            inspected_on=self.day,
            scores=scores,
            **what,
        )

    def attempt(self, write):
        """Do it, or be refused as a user is: then nothing of it stays."""
        with contextlib.suppress(ValidationError), transaction.atomic():
            write()


def deed(day) -> successions.Deed:
    return successions.Deed(on=day, reason="区划调整", document_number="1号")


def villages():
    return Branch.objects.filter(level="village")


def pick(rows, number: int):
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.get(pk=keys[number % len(keys)]) if keys else None


def steps_of() -> dict[int, list[RecognitionStep]]:
    found = defaultdict(list)
    for step in RecognitionStep.objects.order_by("pk"):
        found[step.recognition_id].append(step)
    return found


def counted_on(day: date) -> Counter:
    """Return {(subject, village): recognised}, as the site counts."""
    rows = Recognition.objects.in_force(day)
    return Counter(rows.values_list("subject", "branch"))


def recounted_on(day: date) -> Counter:
    """The same from the steps: granted by then, and not revoked by then, in the
    village where the household was on the day."""
    found = Counter()
    steps = steps_of()
    for row in Recognition.objects.filter(continued_as=None):
        done = [step.act for step in steps[row.pk] if step.done_on <= day]
        village = where(row, day)
        if Act.GRANT in done and Act.REVOKE not in done and village:
            found[row.subject, village] += 1
    return found


def where(row, day: date) -> int | None:
    """Return the village of *row* on *day*; None if it was in none."""
    if row.household is None:
        closed_on = row.branch.closed_on
        return row.branch_id if closed_on is None or day <= closed_on else None
    stays = [row.household, *Household.objects.filter(continued_as=row.household)]
    villages = [
        stay.branch_id
        for stay in stays
        if stay.entered_on <= day and (stay.left_on is None or day < stay.left_on)
    ]
    assert len(villages) <= 1
    return villages[0] if villages else None


def days_that_matter() -> list[date]:
    """Return every day on which something happened, and the days beside it."""
    days = set(RecognitionStep.objects.values_list("done_on", flat=True))
    days |= set(Household.objects.exclude(left_on=None).values_list("left_on", flat=1))
    days |= {branch.closed_on for branch in villages() if branch.closed_on}
    beside = (-1, 0, 1)
    return sorted({day + timedelta(days=step) for day in days for step in beside})


def the_history_is_whole() -> None:
    """A row stands where its last step left it; its steps are in order; what is
    granted has its plate; nobody runs twice; a merger leaves no household behind."""
    left_behind = Household.objects.on_register().filter(
        branch__closed_on__isnull=False
    )
    assert not left_behind.exists()
    steps = steps_of()
    running = Counter()
    for row in Recognition.objects.without_former():
        own = steps[row.pk]
        way = [step.act for step in own]
        days = [step.done_on for step in own]
        assert days == sorted(days)
        assert way[0] == Act.APPLY
        strides = [act for act in way if act in recognition.STRIDES]
        assert strides == list(recognition.STRIDES)[: len(strides)]
        assert row.stage == expected_stage(way)
        assert (Act.GRANT in way) == Plate.objects.filter(recognition=row).exists()
        assert (row.mend_by is not None) == is_mending(way)
        if row.stage in RUNNING:
            running[row.subject, row.household_id or row.branch_id] += 1
    assert set(running.values()) <= {1}


def expected_stage(way: list[str]) -> str:
    for act in (Act.REVOKE, Act.REFUSE, Act.GRANT):
        if act in way:
            return AFTER[act]
    return STANDS[way[-1]]


def is_mending(way: list[str]) -> bool:
    said = [act for act in way if act in (Act.WARN, Act.MEND, Act.REVOKE)]
    return said[-1:] == [Act.WARN]


def test_the_counts_at_every_date_are_what_the_history_says(db):
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    for street in ("370114001", "370114002"):
        parent = BranchFactory(code=street, level="town", parent=district)
        BranchFactory.create_batch(2, parent=parent)

    run_state_machine_as_test(Programme, settings=EXAMPLES)


EXAMPLES = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,  # never a wall-clock assertion
    database=None,
    suppress_health_check=list(HealthCheck),
)
