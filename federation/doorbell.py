"""Wake a worker. What is to be done stands in the database, and the beat comes by: a
bell that is not heard loses nothing."""

from __future__ import annotations

import logging
import time

from celery import current_app

logger = logging.getLogger(__name__)

REST = 10  # seconds of silence after the broker failed to answer
_resting_until = 0.0


def ring(task: str) -> None:
    """Ask Celery for *task*. A dead broker is logged and never shown."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return
    try:
        current_app.send_task(task, retry=False)
    except Exception:
        _resting_until = time.monotonic() + REST
        logger.warning("broker does not answer; %s waits for beat", task, exc_info=True)
