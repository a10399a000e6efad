import pytest
from django.core.cache import cache

from tests.permissions.world import one_world


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with one_world(django_db_blocker) as world:
        yield world


@pytest.fixture(autouse=True)
def unhurried():
    """Ask as often as one likes: who asked too often is told elsewhere."""
    cache.clear()
