"""Rosters of households handed in for a street, by its reviewer."""

import pytest

from families.models import Household
from federation.imports import runs
from federation.imports.registers import register_of


@pytest.fixture
def register():
    return register_of("households")


@pytest.fixture
def hand_in(register, street, street_reviewer):
    """Start an import and return it."""

    def start(content, *, branch=street, user=street_reviewer, **options):
        return runs.start(register, branch, user, "户表.xlsx", content, options)

    return start


@pytest.fixture
def take_in(hand_in, street_reviewer):
    """Hand a roster in and confirm it; return the run, written."""

    def write(content, **options):
        run = hand_in(content, **options)
        runs.confirm(run, options.get("user", street_reviewer))
        assert runs.carry_out() == 1
        run.refresh_from_db()
        return run

    return write


def previewed(run):
    """Return (kind, row, place, what, detail) of each line of the preview."""
    outcomes, _, _ = runs.outcomes_of(run)
    return [(str(o.kind), o.row, o.place, o.what, o.detail) for o in outcomes]


def reasons(run):
    outcomes, _, _ = runs.outcomes_of(run)
    return {o.row: o.detail for o in outcomes if o.kind == "refused"}


def notes(run):
    return runs.outcomes_of(run)[2]


def registered():
    """Return (village, number, name, group, door) of everybody on the register."""
    rows = Household.objects.order_by("branch__path", "number")
    return list(
        rows.values_list(
            "branch__short_name", "number", "contact_name", "group", "door"
        )
    )
