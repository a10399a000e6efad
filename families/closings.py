"""What becomes of the households when their village ends: where it merges, they go on
in the village that takes over; without a successor it ends only once it has none.

A household keeps its row, and with it what hangs on it: inspections, recognitions, the
plate at the door, an entry that is still on somebody's phone. From the day of the
merger it is on the successor's register, under the next free number. In the village
that ends stays a row that stands for its time there (``continued_as``), and one for
each recognition it had then: they hold the counts of that time where they were made,
and nobody's name. So past months keep their figures, from that day the successor has
them, and nothing is counted as revoked or newly granted.
"""

from __future__ import annotations

from datetime import date, timedelta
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.dispatch import receiver

from families.models import Batch, Household, Inspection, Recognition
from families.models.choices import ON_THE_WAY, Stage
from federation import batches
from federation.models import Branch, Succession
from federation.successions import branch_closing, closing_considered

NOWHERE = (
    "{branch}还有 {count} 户家庭户在册。请办理“合并”，它们会连同认定和门牌"
    "转到承接的村；整村搬走的，请先给每户填写注销日期。"
)
NO_VILLAGE = (
    "{branch}还有 {count} 户家庭户在册，只能并入村（社区）妇联，请另选承接组织。"
)
HERE = (
    "这里现有 {count} 户家庭户在册，其中示范户 {recognised} 户，正在申报 {applied} 户。"
)
GO_ON = (
    "合并后它们连同评比、认定和门牌转到承接的村，户号接着往下编，不用重新认定；"
    "请随后在基础数据里更新承接村的常住庭院户数。"
)
FIRST_MERGE = "不能直接撤销，请先办理“合并”，把它们转到承接的村。"
STAY_ON = (
    "分设时它们留在本组织。要同时撤销本组织的，请先不勾选“本组织同时撤销”，"
    "分设以后再把本组织合并到分出的村。"
)
CONSEQUENCES = {
    Succession.Act.MERGE: GO_ON,
    Succession.Act.CLOSE: FIRST_MERGE,
    Succession.Act.SPLIT: STAY_ON,
}


@receiver(closing_considered)
def say_who_is_here(sender, branch, act, **kwargs) -> list[str]:
    """Say how many households there are, and what becomes of them."""
    here = Household.objects.filter(branch=branch).on_register()
    count = here.count()
    if not count or act not in CONSEQUENCES:
        return []
    recognised, applied = here.recognised().count(), here.being_recognised().count()
    told = HERE.format(count=count, recognised=recognised, applied=applied)
    return [told + CONSEQUENCES[act]]


@receiver(branch_closing)
def hand_over(sender, branch, last_day, into=None, **kwargs):
    """Let the households and batches of *branch* go on *into*. Raises ValidationError
    if there are households, and no village to go on in."""
    ids = [place.pk for place in (branch, into) if place is not None]
    # Nobody registers a household here meanwhile, nor takes a number there.
    Household.objects.hold_villages(ids)
    day = last_day + timedelta(days=1)
    # Those that left later were on the register on that day.
    stays = Q(left_on__isnull=True) | Q(left_on__gt=day)
    households = _held(Household.objects.filter(stays, branch=branch))
    if households:
        if into is None:
            raise ValidationError(NOWHERE.format(branch=branch, count=len(households)))
        if into.level != Branch.Level.VILLAGE:
            sentence = NO_VILLAGE.format(branch=branch, count=len(households))
            raise ValidationError(sentence)
        former = _carry_households(households, into, day)
        _carry_recognitions(branch, into, day, former)
        # What was seen since then was seen in the successor's village.
        seen = Inspection.objects.filter(branch=branch, household__branch=into)
        seen.filter(inspected_on__gte=day).update(branch=into)
    if into is not None:
        _carry_batches(branch, into)


def _held(households) -> list[Household]:
    """Lock *households* and return them by number: whoever looks at one or applies for
    it waits."""
    held = households.order_by("pk").select_for_update(no_key=True)
    return sorted(held, key=attrgetter("number"))


def _carry_households(
    households: list[Household], into: Branch, day: date
) -> dict[int, Household]:
    """Register *households* in the village *into* from *day*; return {household: what
    stands for its time before}. One that came later leaves nothing behind."""
    former = {
        row.pk: Household(
            branch_id=row.branch_id,
            number=row.number,
            has_courtyard=row.has_courtyard,
            occupancy=row.occupancy,
            entered_on=row.entered_on,
            left_on=day,
            continued_as=row,
        )
        for row in households
        if row.entered_on < day
    }
    first = Household.objects.next_number(into)
    for number, row in enumerate(households, first):
        row.branch, row.number = into, number
        row.entered_on = max(row.entered_on, day)
    # First these: they give the old numbers free.
    Household.objects.bulk_update(households, ["branch", "number", "entered_on"])
    Household.objects.bulk_create(former.values(), batch_size=batches.BATCH)
    return former


def _carry_recognitions(
    branch: Branch, into: Branch, day: date, former: dict[int, Household]
) -> None:
    """Let what was in force on *day*, came later or is on its way go on *into*; what
    ended before stays as it was."""
    rows = Recognition.objects.filter(branch=branch, household__branch=into)
    held = Q(revoked_on__isnull=True) | Q(revoked_on__gte=day)
    split = [
        row
        for row in rows.filter(held, granted_on__lt=day).order_by("pk")
        if row.household_id in former
    ]
    Recognition.objects.bulk_create(
        [
            Recognition(
                subject=row.subject,
                branch=branch,
                household=former[row.household_id],
                batch_id=row.batch_id,
                stage=Stage.GRANTED,
                granted_on=row.granted_on,
                first_granted_on=row.first_granted_on,
                review_due_on=row.review_due_on,
                continued_as=row,
            )
            for row in split
        ],
        batch_size=batches.BATCH,
    )
    for chosen in batches.of([row.pk for row in split]):
        Recognition.objects.filter(pk__in=chosen).update(
            branch=into,
            first_granted_on=Coalesce("first_granted_on", F("granted_on")),
            granted_on=day,
        )
    whole = Q(stage__in=ON_THE_WAY) | held & Q(granted_on__isnull=False)
    rows.filter(whole).update(branch=into)


def _carry_batches(branch: Branch, into: Branch) -> None:
    """Let *into* go on with the batches of *branch*: their plates are printed, and what
    is on its way decided, where people are at work."""
    taken = set(Batch.objects.filter(branch=into).values_list("subject", "name"))
    for batch in branch.recognition_batches.order_by("pk"):
        if (batch.subject, batch.name) in taken:
            suffix = f"（原{branch.short_name}）"
            batch.name = batch.name[: 100 - len(suffix)] + suffix
        batch.branch = into
        batch.save()
