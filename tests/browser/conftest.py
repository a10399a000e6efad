"""Somebody at the site with a browser of her own."""

import pytest

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
