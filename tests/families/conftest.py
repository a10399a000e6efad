"""A village whose households have been looked at, and the batches of the district."""

from datetime import date
from types import SimpleNamespace

import pytest

from families import inspections, recognition, standards
from families.models import Batch, Household, Recognition
from families.models.choices import Act, Subject
from federation.roles import Role
from tests.conftest import staff
from tests.factories import BatchFactory, HouseholdFactory

Kind = inspections.InspectionKind
SEEN_ON = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def first_standards(db):
    return standards.load_first(date(2022, 1, 1))


@pytest.fixture
def office(
    first_standards, village_clerk, street_reviewer, district_admin, sister_community
):
    """Everybody on the way of a recognition, by her part."""
    return SimpleNamespace(
        village=village_clerk,
        street=street_reviewer,
        district=district_admin,
        sister=staff(sister_community, Role.CLERK, "sister_clerk"),
    )


@pytest.fixture
def as_user(client, office):
    """Return a function: one of the office's parts -> the client, logged in as her."""

    def log_in(name):
        client.force_login(getattr(office, name))
        return client

    return log_in


@pytest.fixture
def batch(district):
    """Households apply from March, are published in the first week of June."""
    return BatchFactory(
        branch=district,
        published_from=date(2026, 6, 1),
        published_until=date(2026, 6, 7),
    )


@pytest.fixture
def village_batch(district):
    return BatchFactory(
        branch=district,
        subject=Subject.VILLAGE,
        published_from=date(2026, 8, 1),
        published_until=date(2026, 8, 7),
    )


def scores(day=SEEN_ON, *, subject=Subject.HOUSEHOLD, missing=0, veto=False) -> dict:
    """Return full points by the standard of *day*, less *missing*."""
    criteria = inspections.standard_on(subject, day).criteria.all()
    given = {c.pk: c.weight for c in criteria if not c.is_veto}
    given[next(iter(given))] -= missing
    return given | {c.pk: veto for c in criteria if c.is_veto}


def look_at(user, household, day=SEEN_ON, kind=Kind.VILLAGE, missing=0, **values):
    return inspections.record(
        user,
        household=household,
        kind=kind,
        inspected_on=day,
        scores=scores(day, missing=missing),
        **values,
    )


def look_at_village(user, branch, day=SEEN_ON, kind=Kind.TOWN, missing=0):
    return inspections.record(
        user,
        branch=branch,
        kind=kind,
        inspected_on=day,
        scores=scores(day, subject=Subject.VILLAGE, missing=missing),
    )


@pytest.fixture
def households(community, office):
    """Three households of one village, looked at and worth it."""
    rows = [HouseholdFactory(branch=community, number=n) for n in (1, 2, 3)]
    for row in rows:
        look_at(office.village, row)
    return rows


DAYS = {
    Act.APPLY: date(2026, 3, 10),
    Act.ASSESS: date(2026, 3, 20),
    Act.REVIEW: date(2026, 4, 20),
    Act.PUBLISH: date(2026, 6, 1),
    Act.GRANT: date(2026, 6, 10),
}


def go_through(office, batch: Batch, until=Act.GRANT, **who) -> list[Recognition]:
    """Bring households or villages through *batch*, up to the act *until*."""
    recognition.apply(office.village, batch, DAYS[Act.APPLY], **who)
    rows = batch.recognitions.on_the_way()
    done_by = {Act.ASSESS: office.village, Act.GRANT: office.district}
    for act in recognition.STRIDES:
        if DAYS[act] <= DAYS[until]:
            user = done_by.get(act, office.street)
            recognition.advance(user, act, rows, DAYS[act])
    return list(batch.recognitions.order_by("household__number"))


@pytest.fixture
def recognised(office, batch, households: list[Household]) -> list[Recognition]:
    return go_through(office, batch, households=households)
