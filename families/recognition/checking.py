"""What can stand against an act: each rule looks at all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max

from families.models import Inspection, Recognition, RecognitionStep
from families.models.choices import Grade, Outcome, Subject
from families.recognition import villages
from federation import batches, scope
from federation.id_numbers import refuse_id_number
from federation.months import SINCE_EVER, local_today

NAMES_SHOWN = 5
LONGEST_REASON = 200

# One row's problem: None, or the sentence without its full stop.
Check = Callable[[Recognition], str | None]


class RefusedError(ValidationError):
    """*problems*: [(row, sentence)] of the rows that stand against an act."""

    def __init__(self, problems: list[tuple[Recognition, str]]):
        self.problems = problems
        by_sentence: dict[str, list[str]] = {}
        for row, sentence in problems:
            by_sentence.setdefault(sentence, []).append(name_of(row))
        super().__init__(
            [
                f"{sentence}：{_listed(names)}。"
                for sentence, names in by_sentence.items()
            ]
        )


def name_of(row: Recognition) -> str:
    """Return what the office calls it, without anybody's name: 明一社区 3 号户."""
    household = row.household
    if household is None:
        return row.branch.short_name
    # Its number is that of today's village, if its own has merged since.
    is_here = household.branch_id == row.branch_id
    village = row.branch if is_here else household.branch
    return f"{village.short_name} {household.number} 号户"


def _listed(names: list[str]) -> str:
    shown = "、".join(names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown}等 {len(names)} 个"


def refuse_problems(rows: Iterable[Recognition], *checks: Check) -> None:
    """Raise RefusedError with the first problem of each row that has one."""
    problems = []
    for row in rows:
        found = next(filter(None, (check(row) for check in checks)), None)
        if found:
            problems.append((row, found))
    if problems:
        raise RefusedError(problems)


def refuse_rights(user, right: str, rows: Iterable[Recognition]) -> None:
    """Raise PermissionDenied unless *user* holds *right* for every row's branch."""
    paths = tuple(scope.granted_paths(user, right))
    if not all(row.branch.path.startswith(paths) for row in rows):
        raise PermissionDenied


def refuse_day(on: date) -> None:
    """Raise ValidationError (field ``on``) for a day an act cannot be done on."""
    if not isinstance(on, date) or on < SINCE_EVER:
        raise ValidationError({"on": "请填办理日期。"})
    if on > local_today():
        raise ValidationError({"on": "办理日期在今天之后，请核对。"})


def tidy_reason(reason: str) -> str:
    """Return *reason*. Raises ValidationError (field ``reason``) for none, or one that
    may not be kept."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "请写明原因。"})
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        raise ValidationError({"reason": f"原因最多 {LONGEST_REASON} 字，请写短一些。"})
    try:
        refuse_id_number(reason)
    except ValidationError as refusal:
        raise ValidationError({"reason": refusal.messages}) from None
    return reason


# The rules ------------------------------------------------------------------------


def is_there(on: date) -> Check:
    """The household is on the register on *on*, the village exists."""

    def check(row):
        if not row.branch.exists_on(on):
            return f"村（社区）妇联在 {on} 还没有成立或已经撤销"
        if row.household and not row.household.is_registered_on(on):
            return f"在 {on} 还没有登记或已经注销"
        return None

    return check


def stands_at(*stages: str) -> Check:
    def check(row):
        if row.stage in stages:
            return None
        return f"现在是“{row.get_stage_display()}”，请刷新页面后再办"

    return check


def follows(on: date, rows: list[Recognition]) -> Check:
    """*on* is not before the last step of a row."""
    last = newest_steps(rows)

    def check(row):
        day = last.get(row.pk)
        return f"上一步在 {day} 办理，日期不能更早" if day and day > on else None

    return check


def newest_steps(rows, *acts) -> dict[int, date]:
    """Return {recognition: day of its last step}, of its last one of *acts* if there
    are any."""
    found = {}
    for chosen in batches.of([row.pk for row in rows]):
        steps = RecognitionStep.objects.filter(recognition__in=chosen)
        if acts:
            steps = steps.filter(act__in=acts)
        found.update(
            steps.order_by()
            .values("recognition")
            .annotate(day=Max("done_on"))
            .values_list("recognition", "day")
        )
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest inspection that speaks for a row; its own 自评 does not."""

    on: date
    grade: str
    outcome: str

    @property
    def is_model(self) -> bool:
        return self.grade == Grade.MODEL and self.outcome == Outcome.MET


def newest_seen(rows: list[Recognition], on: date) -> dict[int, Seen]:
    """Return {household: what was seen last by *on*} of the rows of households."""
    found = {}
    keys = sorted({row.household_id for row in rows if row.household_id})
    for chosen in batches.of(keys):
        seen = Inspection.objects.filter(household__in=chosen, inspected_on__lte=on)
        seen = seen.deciding_on_households()
        columns = ("household_id", "inspected_on", "grade", "outcome")
        for key, *values in seen.order_by("inspected_on", "pk").values_list(*columns):
            found[key] = Seen(*values)  # the last one stays
    return found


def is_up_to_standard(
    on: date, rows: list[Recognition], *, since_acts: tuple = (), lacking: str = ""
) -> Check:
    """
    The newest inspection says 示范户; of a village also its share of households.

    *since_acts*: made on or after the last of these steps, else *lacking*
    """
    seen = newest_seen(rows, on)
    places = [row.branch_id for row in rows if row.subject == Subject.VILLAGE]
    found = villages.standings(places, on)
    since = newest_steps(rows, *since_acts) if since_acts else {}

    def check(row):
        if row.subject == Subject.VILLAGE:
            standing = found[row.branch_id]
            return standing.problem or _is_old(standing.inspected_on, row)
        last = seen.get(row.household_id)
        if last is None:
            return "还没有评比（自评不算）"
        if not last.is_model:
            return "最近一次评比没有达到示范线"
        return _is_old(last.on, row)

    def _is_old(day, row):
        return lacking if row.pk in since and day < since[row.pk] else None

    return check
