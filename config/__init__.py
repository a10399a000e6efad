"""Wiring: settings, URLs, Celery, WSGI and ASGI. No domain code."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
