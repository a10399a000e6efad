"""One demo for everything that is told of it: to load it takes as long as to run
hundreds of other tests, so tests/sharing.py keeps this folder in one process."""

import pytest

from tests.seeded import demo_database


@pytest.fixture(scope="package")
def printed(django_db_setup, django_db_blocker):
    """Return what the command printed; what a test changes is undone after it."""
    with django_db_blocker.unblock(), demo_database() as text:
        yield text


@pytest.fixture(autouse=True)
def _in_the_demo(printed, db):
    """Every test of this folder looks at the same demo."""
