"""Doorbells: the engine does the work, and the marks remember what there is to do."""

from celery import shared_task

from federation.months import Month
from rollups import closings, corrections, engine, reminders


@shared_task
def drain_marks() -> int:
    return engine.drain_marks()


@shared_task
def reconcile_open_months() -> int:
    return len(engine.reconcile_open_months())


@shared_task
def open_current_month() -> bool:
    return engine.open_month(Month.current())


@shared_task
def remind() -> int:
    return reminders.remind()


@shared_task
def close_expired_openings() -> int:
    return len(closings.close_expired())


@shared_task
def enter_corrections() -> int:
    return corrections.enter_waiting()
