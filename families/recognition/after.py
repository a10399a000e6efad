"""After the grant: 复核合格, 限期整改, 整改合格, 摘牌."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from families.models import Recognition
from families.models.choices import Act, Stage
from families.recognition import steps
from families.recognition.checking import (
    follows,
    is_there,
    is_up_to_standard,
    refuse_day,
    refuse_problems,
    refuse_rights,
    stands_at,
    tidy_reason,
)
from families.recognition.deciding import NOTHING
from families.recognition.terms import LONGEST_MENDING, review_day

REVOKE = "families.revoke_recognition"


@transaction.atomic
def renew(user, recognitions, on: date) -> int:
    """
    Confirm every row of the queryset *recognitions* (复核合格) and set when it is due
    again; return how many there were.

    Its newest inspection must reach the standard, and be made since the grant or the
    last 复核. Raises PermissionDenied, RefusedError, ValidationError (field ``on``).
    """
    rows = _held(user, recognitions, on)
    refuse_problems(
        rows,
        stands_at(Stage.GRANTED),
        follows(on, rows),
        is_there(on),
        _is_not_mending,
        is_up_to_standard(
            on,
            rows,
            since_acts=(Act.GRANT, Act.RENEW),
            lacking="认定或上次复核以后还没有评比",
        ),
    )
    for subject in {row.subject for row in rows}:
        chosen = [row for row in rows if row.subject == subject]
        due = review_day(subject, on)
        steps.write(user, Act.RENEW, chosen, on, review_due_on=due)
    return len(rows)


@transaction.atomic
def warn(user, recognitions, on: date, mend_by: date, reason: str) -> int:
    """Ask every row of the queryset *recognitions* to mend by *mend_by* (限期整改).
    Raises as ``renew`` does, and ValidationError (fields ``mend_by``, ``reason``)."""
    reason = tidy_reason(reason)
    if not isinstance(mend_by, date) or not on < mend_by <= on + LONGEST_MENDING:
        raise ValidationError({"mend_by": "整改期限要在办理日期之后一年以内。"})
    rows = _held(user, recognitions, on)
    refuse_problems(
        rows, stands_at(Stage.GRANTED), follows(on, rows), is_there(on), _is_not_mending
    )
    return steps.write(user, Act.WARN, rows, on, reason, mend_by=mend_by)


@transaction.atomic
def mend(user, recognitions, on: date) -> int:
    """Note that every row of the queryset *recognitions* has mended (整改合格): an
    inspection since the warning says so. Raises as ``renew`` does."""
    rows = _held(user, recognitions, on)
    refuse_problems(
        rows,
        stands_at(Stage.GRANTED),
        follows(on, rows),
        is_there(on),
        _is_mending,
        is_up_to_standard(
            on, rows, since_acts=(Act.WARN,), lacking="限期整改以后还没有回访评比"
        ),
    )
    return steps.write(user, Act.MEND, rows, on, mend_by=None)


@transaction.atomic
def revoke(user, recognitions, on: date, reason: str) -> int:
    """Take the plate back from every row of the queryset *recognitions* (摘牌): from
    *on* it counts no more; regained, it is a new row. Raises as ``renew`` does, and
    ValidationError (field ``reason``)."""
    reason = tidy_reason(reason)
    rows = _held(user, recognitions, on)
    refuse_problems(rows, stands_at(Stage.GRANTED), follows(on, rows), _is_later(on))
    return steps.write(
        user,
        Act.REVOKE,
        rows,
        on,
        reason,
        stage=Stage.REVOKED,
        revoked_on=on,
        mend_by=None,
    )


def _held(user, recognitions, on: date) -> list[Recognition]:
    refuse_day(on)
    rows = steps.hold(recognitions)
    if not rows:
        raise ValidationError(NOTHING)
    refuse_rights(user, REVOKE, rows)
    return rows


def _is_not_mending(row):
    return (
        f"正在限期整改（到 {row.mend_by}），请先登记整改结果" if row.mend_by else None
    )


def _is_mending(row):
    return None if row.mend_by else "没有在限期整改"


def _is_later(on: date):
    def check(row):
        if row.first_granted_on and on < row.granted_on:
            return f"在 {row.granted_on} 才随村转来，摘牌日期不能更早"
        is_later = row.granted_on is None or on > row.recognised_on
        return None if is_later else "摘牌日期必须晚于认定日期"

    return check
