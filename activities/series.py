"""Doing it again: “再办一次” from an old activity, “重复” as a dated series."""

import calendar
import uuid
from copy import copy
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from activities import review
from activities.models import Activity, ActivityPartner, Series
from activities.models.choices import Happening
from federation.months import Month

MOST_SESSIONS = 52

ADD_SERIES = "activities.add_series"

# What is told of the one time it was done, and not of the next.
OF_ONE_TIME = {
    "starts_on": None,
    "ends_on": None,
    "attendance_offline": None,
    "attendance_online": None,
    "children_count": None,
    "view_count": None,
    "count_method": "",
    "happening": Happening.PLANNED,
}


def again(activity: Activity) -> dict:
    """Return what a new form about the same thing is filled with, by field name: all
    but the date, the figures and the outcome."""
    source = review.working_copy(copy(activity))
    values = {
        name: getattr(source, Activity._meta.get_field(name).attname)
        for name in Activity.REVIEWED_FIELDS
    }
    return values | OF_ONE_TIME


def dates(first: date, rhythm: str, sessions: int) -> list[date]:
    """Return the days of the *sessions* after *first*, without *first* itself. The
    31st of a month without one is its last day."""
    if rhythm == Series.Rhythm.WEEKLY:
        return [first + timedelta(weeks=n) for n in range(1, sessions + 1)]
    months = [Month.of(first).plus(n) for n in range(1, sessions + 1)]
    return [
        date(m.year, m.number, min(first.day, calendar.monthrange(m.year, m.number)[1]))
        for m in months
    ]


@transaction.atomic
def repeat(
    activity: Activity,
    user,
    rhythm: str,
    sessions: int,
    *,
    token: uuid.UUID,
    submit: bool = False,
) -> list[Activity]:
    """
    Make *sessions* further plans of *activity*, weekly or monthly; return them.

    All or none. *token* names the form: sent again, it returns what it made before.
    Each is a record of its own, drafted (or with *submit* submitted) like any other.
    """
    if not 1 <= sessions <= MOST_SESSIONS:
        raise ValidationError({"sessions": f"请填写 1 到 {MOST_SESSIONS} 之间的场数。"})
    stored = review.locked(activity)
    if not (user.has_perm(review.CHANGE, stored) and user.has_perm(ADD_SERIES, stored)):
        raise PermissionDenied
    tokens = [uuid.uuid5(token, str(n)) for n in range(sessions)]
    if sent := list(Activity.objects.filter(client_token__in=tokens)):
        return sorted(sent, key=lambda made: made.starts_on)
    series = _series_of(stored, rhythm, user)
    source = review.working_copy(copy(stored))
    days = dates(source.starts_on, rhythm, sessions)
    return [
        _session(source, series, day, key, user, submit)
        for day, key in zip(days, tokens, strict=True)
    ]


def _series_of(stored: Activity, rhythm: str, user) -> Series:
    """Return the series *stored* belongs to, made now if it has none of this rhythm."""
    if stored.series_id and stored.series.rhythm == rhythm:
        return stored.series
    series = Series.objects.create(
        branch_id=stored.branch_id, rhythm=rhythm, created_by=user
    )
    if stored.series_id is None:
        stored.series = series
        stored.save()
    return series


def _session(source, series, day: date, key: uuid.UUID, user, submit: bool) -> Activity:
    length = source.ends_on - source.starts_on
    values = again(source) | {"starts_on": day, "ends_on": day + length}
    made = review.apply_values(Activity(series=series, client_token=key), values)
    try:
        made.full_clean()
    except ValidationError as error:
        sentence = " ".join(error.messages)
        raise ValidationError(f"{day:%Y-%m-%d}：{sentence}") from error
    review.save(made, user, submit=submit)
    for partner in source.partners.all():
        ActivityPartner.objects.create(
            activity=made,
            branch_id=partner.branch_id,
            organisation=partner.organisation,
            role=partner.role,
        )
    return made
