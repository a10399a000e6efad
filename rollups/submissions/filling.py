"""The figures a branch types in for a month: what it is asked, what it said last time,
and the act that keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from federation.models import Branch
from federation.months import Month
from rollups.models import ReportedBatch, ReportedFigure, ReportedIndicator, Submission
from rollups.models.reported import written
from rollups.submissions.acts import REPORT, digest, held


@dataclass(slots=True)
class Asked:
    """One thing a branch is asked for a month."""

    batch: ReportedBatch
    figure: ReportedFigure | None = None  # what it answered
    previous: ReportedFigure | None = None  # last month; of a stock, the last one

    @property
    def indicator(self) -> ReportedIndicator:
        return self.batch.indicator

    @property
    def is_missing(self) -> bool:
        """Whether it is silent: a stock goes on as it was said last."""
        is_carried = self.indicator.is_stock and self.previous
        return self.figure is None and not is_carried

    @property
    def answer(self) -> str:
        """Return what it answered; of a stock, what goes on."""
        if self.figure is not None:
            return written(self.figure.value)
        return written(self.previous.value) if not self.is_missing else "没有填"

    @property
    def before(self) -> str:
        """Return ``2026 年 9 月：12``, or nothing."""
        if self.previous is None:
            return ""
        month = Month.of(self.previous.month).label
        return f"{month}：{written(self.previous.value)}"


@dataclass(slots=True)
class Answer:
    """What was typed for a question: None for nothing."""

    batch_id: int
    value: Decimal | None
    explanation: str = ""


class AnswersError(ValidationError):
    """What was wrong, ``{batch id: {"value" or "explanation": [sentences]}}``; nothing
    of what was sent is kept."""

    def __init__(self, by_batch: dict[int, dict[str, list[str]]]):
        self.by_batch = by_batch
        sentences = [
            sentence
            for fields in by_batch.values()
            for found in fields.values()
            for sentence in found
        ]
        super().__init__(sentences)


def asked_of(branch: Branch, month: Month) -> list[Asked]:
    """Return what *branch* is asked for *month*, with its answers, in the order of the
    form."""
    batches = ReportedBatch.objects.in_force(month).select_related("indicator")
    batches = batches.order_by("indicator__position", "indicator", "from_month", "pk")
    found = {
        batch.pk: Asked(batch)
        for batch in batches
        if branch.level in batch.indicator.levels
    }
    if not found:
        return []
    is_stock = Q(batch__indicator__kind=ReportedIndicator.Kind.STOCK)
    since = month.previous().first_day
    figures = ReportedFigure.objects.filter(
        is_stock | Q(month__gte=since),
        branch=branch,
        batch__in=list(found),
        month__lte=month.first_day,
    ).select_related("entered_by")
    for figure in figures.order_by("month"):
        question = found[figure.batch_id]
        figure.batch, figure.branch = question.batch, branch
        if figure.month == month.first_day:
            question.figure = figure
        else:
            question.previous = figure
    return list(found.values())


def digest_of(asked: Iterable[Asked]) -> str:
    """Return what stood on the page, as one word."""
    return digest(
        {str(one.batch.pk): f"{one.figure.value:f}" for one in asked if one.figure}
    )


@transaction.atomic
def fill(submission: Submission, by, answers: list[Answer], seen: str) -> bool:
    """
    Keep what *by* typed for the branch, all of it or nothing; an answer without a value
    takes back what was said. Tell whether anything changed: sent twice, it is kept
    once, and what somebody else has changed since she *saw* it is not written over.

    Raises PermissionDenied, or ValidationError: closed, changed meanwhile, or
    AnswersError.
    """
    stored, month = held(submission, by, REPORT)
    asked = {one.batch.pk: one for one in asked_of(stored.branch, month)}
    changed = [
        answer
        for answer in answers
        if answer.batch_id in asked and _differs(asked[answer.batch_id], answer)
    ]
    if not changed:
        return False
    if seen != digest_of(asked.values()):
        raise ValidationError(
            "您打开页面之后，这些数有人改过，现在是："
            f"{_spelled(asked.values())}。请看过再填，再保存。"
        )
    figures = [
        _figure(stored, by, asked[answer.batch_id], answer) for answer in changed
    ]
    _refuse(figures)
    for figure in figures:
        if figure.value is not None:
            figure.save()
        elif figure.pk:
            figure.delete()
    return True


def _differs(question: Asked, answer: Answer) -> bool:
    figure = question.figure
    if figure is None or answer.value is None:
        return (figure is None) != (answer.value is None)
    return (figure.value, figure.explanation) != (answer.value, answer.explanation)


def _figure(stored: Submission, by, question: Asked, answer: Answer):
    figure = question.figure or ReportedFigure(
        branch=stored.branch, month=stored.month, batch=question.batch
    )
    figure.value, figure.explanation = answer.value, answer.explanation
    figure.entered_by = by
    return figure


def _refuse(figures: list[ReportedFigure]) -> None:
    refused = {}
    for figure in figures:
        if figure.value is None:
            continue
        try:
            figure.full_clean(exclude=["entered_by"])
        except ValidationError as error:
            refused[figure.batch_id] = error.message_dict
    if refused:
        raise AnswersError(refused)


def _spelled(asked: Iterable[Asked]) -> str:
    return "、".join(
        f"{one.batch} {written(one.figure.value) if one.figure else '没有填'}"
        for one in asked
    )
