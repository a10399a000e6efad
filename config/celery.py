"""The Celery application; everything it needs is in the settings."""

import os

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import worker_ready
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


# The embedded broker of a machine without Redis.
TRANSPORT_ALIASES["filesystem"] = "config.filesystem_broker:Transport"


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


@worker_ready.connect
def show_a_pulse(sender, **kwargs):
    """Beat once at the start: the schedule's first beat comes a minute later."""
    app.send_task("federation.tasks.beat_heartbeat")
