"""A figure that is typed in, late or wrong in a closed month: how it is proposed, told
and entered as a correction."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.urls import reverse

from federation.counted import Bucket
from federation.models import Branch, ReportingMonth
from federation.months import Month
from rollups import corrections
from rollups.corrections import Difference, Handler, Proposal
from rollups.models import Correction, ReportedBatch, ReportedFigure
from rollups.models.reported import written

NAME = "rollups.reportedfigure"
NOT_CLOSED = "{month}没有结账，直接在这一页填就行。"
NOT_ASKED = "{branch}在{month}不用填这一项。"
CHANGED = "这个数在报更正以后又改过（现在是 {now}），请填报人撤回，按现在的数重新填报。"


def proposed(branch: Branch, month: Month, batch_id, value: Decimal) -> Proposal:
    """
    Return that *branch* should have said *value* of the batch in the closed *month*.

    Raises ValidationError with the sentence for her: the month is open, she is not
    asked for this, or the value is out of its range.
    """
    place = Bucket(branch.pk, month.first_day)
    if not ReportingMonth.objects.why_closed_to([place]):
        raise ValidationError(NOT_CLOSED.format(month=month.label))
    batches = ReportedBatch.objects.in_force(month).select_related("indicator")
    batch = batches.filter(pk=batch_id).first()
    if batch is None or branch.level not in batch.indicator.levels:
        raise ValidationError(NOT_ASKED.format(branch=branch, month=month.label))
    batch.indicator.refuse_value(value)
    stored = _stored(branch.pk, month.first_day, batch.pk).first()
    looked_over = ReportedFigure(
        branch=branch, month=month.first_day, batch=batch, value=value
    )
    looked_over.clean_fields(exclude=["entered_by"])
    return Proposal(
        record=NAME,
        act=Correction.Act.CHANGE if stored else Correction.Act.ADD,
        branch=branch,
        month=month,
        title=str(batch),
        before=_values(batch, stored.value) if stored else {},
        values=_values(batch, value),
        object_id=stored.pk if stored else None,
    )


def _values(batch: ReportedBatch, value: Decimal) -> dict:
    return {"batch": batch.pk, "value": written(value), "unit": batch.indicator.unit}


def _stored(branch_id: int, day, batch_id: int):
    return ReportedFigure.objects.filter(branch=branch_id, month=day, batch=batch_id)


def _differences(correction: Correction) -> list[Difference]:
    old, new = (
        f"{said['value']} {said['unit']}" if said else ""
        for said in (correction.before, correction.values)
    )
    return [Difference(correction.title, old, new)]


def _enter(correction: Correction) -> int:
    batch_id = correction.values["batch"]
    rows = _stored(correction.branch_id, correction.month, batch_id)
    figure = rows.select_for_update(of=("self",), no_key=True).first()
    now = written(figure.value) if figure else ""
    if now != correction.before.get("value", ""):
        raise ValidationError(CHANGED.format(now=now or "没有填"))
    figure = figure or ReportedFigure(
        branch=correction.branch,
        month=correction.month,
        batch=ReportedBatch.objects.select_related("indicator").get(pk=batch_id),
    )
    figure.value = Decimal(correction.values["value"])
    figure.explanation = correction.reason[:200]
    figure.entered_by = correction.author
    figure.full_clean()
    figure.save()
    return figure.pk


def _page(branch: Branch, day) -> str:
    return reverse("rollups:report", args=[str(Month.of(day)), branch.code])


def _address(pk: int) -> str:
    figure = ReportedFigure.objects.select_related("branch").get(pk=pk)
    return _page(figure.branch, figure.month)


def _form(correction: Correction) -> tuple[str, dict]:
    return _page(correction.branch, correction.month), {}


corrections.register(
    Handler(
        name=NAME,
        label="填报数",
        differences=_differences,
        enter=_enter,
        address=_address,
        form=_form,
    )
)
