"""The pulse: written by the worker when beat asks for it, read by /healthz."""

from celery import shared_task

from federation.health import beat


@shared_task
def beat_heartbeat() -> None:
    beat("worker")
