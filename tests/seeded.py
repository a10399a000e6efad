"""A database with the demo in it, for the tests of one module or folder."""

from contextlib import contextmanager
from datetime import date
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

TODAY = date(2026, 11, 24)


@contextmanager
def demo_database(today=TODAY, **options):
    """Seed the demo, yield what the command printed, and leave nothing behind."""
    printed = StringIO()
    with transaction.atomic():
        with override_settings(DEBUG=True):
            call_command("seed_demo", today=today, stdout=printed, **options)
        # Here, once: left to the end of each test, PostgreSQL would look up the
        # references of a million rows after every one of them.
        connection.check_constraints()
        yield printed.getvalue()
        transaction.set_rollback(True)
