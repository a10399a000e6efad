"""Somebody at the site with a browser of her own."""

import pytest
from django.db import connection

from rollups.models import (
    Correction,
    CorrectionStep,
    Reopening,
    Revision,
    RevisionRow,
)
from tests.browser.chromium import chromium
from tests.browser.thumbs import PHONE, log_in


@pytest.fixture
def open_page(live_server, monkeypatch):
    """Return a function that opens an address as somebody in a browser of her own."""
    # Playwright's loop runs in this thread; the database is asked between its steps.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    complaints = []
    with chromium() as browser:

        def as_somebody(user, path, viewport=PHONE, **options):
            context = browser.new_context(
                viewport=viewport, base_url=live_server.url, **options
            )
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(error.stack))
            page.goto(path)
            log_in(page, user)
            return page

        yield as_somebody
    assert complaints == []


@pytest.fixture
def revisions_go(transactional_db):
    """SQLite empties its tables by deleting, which the guards of revisions refuse."""
    yield
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master "
            "WHERE type = 'trigger' AND tbl_name LIKE 'rollups_re%'"
        )
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        rows = (CorrectionStep, Correction, Reopening, RevisionRow, Revision)
        for model in rows:
            model.objects.all()._raw_delete("default")
        for _, sql in guards:
            cursor.execute(sql)
