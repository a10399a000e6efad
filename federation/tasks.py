"""The pulse, written by the worker when beat asks for it and read by /healthz; and
what is tidied up at night."""

from celery import shared_task
from django.core.management import call_command

from federation import journal
from federation.health import beat
from federation.imports import runs


@shared_task
def beat_heartbeat() -> None:
    beat("worker")


@shared_task
def forget_ended_sessions() -> None:
    call_command("clearsessions")


@shared_task
def forget_old_journals() -> int:
    return journal.forget_old_entries()


@shared_task
def carry_out_imports() -> int:
    return runs.carry_out()


@shared_task
def forget_imports() -> int:
    return runs.forget()
