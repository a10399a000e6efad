"""Is the machinery alive? Database, broker, oldest mark, worker, last rollup."""

from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from federation.models import Heartbeat, Mark

# Beat knocks each minute; three missed knocks are a stopped worker, and a mark that
# old means that nobody drains.
PATIENCE = timedelta(minutes=5)
BROKER_ANSWER_SECONDS = 15  # the probe is remembered that long: /healthz is public


_more: dict[str, Callable] = {}


def also(name: str, finding: Callable) -> None:
    """Let ``/healthz`` tell what *finding* returns as *name*, for the apps above. It
    is read from the database and decides nothing."""
    _more[name] = finding


def beat(name: str) -> None:
    """Note that the part *name* of the machinery is alive now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


@never_cache
@require_safe
def healthz(request):
    """Answer 200 when all is well, else 503, with the findings as JSON."""
    findings = examine()
    return JsonResponse(findings, status=200 if findings["healthy"] else 503)


def examine() -> dict:
    """Return the findings; ``healthy`` is their sum."""
    try:
        findings = _examine_database()
    except DatabaseError:
        return {"healthy": False, "database": False}
    findings["broker"] = _broker_answers()
    findings["healthy"] = all(
        findings[part] for part in ("database", "broker", "draining", "worker")
    )
    return findings


def _examine_database() -> dict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    now = timezone.now()
    beats = dict(Heartbeat.objects.values_list("name", "beat_at"))
    oldest = Mark.objects.order_by("created_at").values_list("created_at", flat=True)
    waiting_since = oldest.first()
    worker_at, rollup_at = beats.get("worker"), beats.get("rollup")
    return {
        "database": True,
        "worker": bool(worker_at and now - worker_at < PATIENCE),
        "worker_seen_at": worker_at,
        "draining": not (waiting_since and now - waiting_since > PATIENCE),
        "oldest_mark_at": waiting_since,
        "last_rollup_at": rollup_at,
        **{name: finding() for name, finding in _more.items()},
    }


def _broker_answers() -> bool:
    return cache.get_or_set("healthz-broker", _ask_broker, BROKER_ANSWER_SECONDS)


def _ask_broker() -> bool:
    broker = current_app.connection_for_write()
    try:
        broker.ensure_connection(max_retries=0, timeout=1)
    except (OSError, OperationalError, *broker.connection_errors):
        return False
    finally:
        broker.release()
    return True
