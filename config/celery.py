"""The Celery application; everything it needs is in the settings."""

import os

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class EvenConnection(Connection):
    """Look for a lost broker every two seconds, never every thirty."""

    def ensure_connection(self, *args, **kwargs):
        # Kombu waits 2, 4, 6, … seconds and Celery has no setting for it. What
        # piled up during an outage should be counted within two beats.
        return super().ensure_connection(*args, **{"interval_step": 0} | kwargs)


class EvenAMQP(AMQP):
    Connection = EvenConnection


app = Celery("config", amqp=EvenAMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
