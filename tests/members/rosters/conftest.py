"""Rosters handed in for a street, by its reviewer."""

import pytest

from federation.imports import runs
from federation.imports.registers import register_of
from tests.factories import BranchFactory


@pytest.fixture
def roster():
    return register_of("roster")


@pytest.fixture
def villages(street):
    """Two villages of one name, which the street above tells apart, and one more."""
    return {
        "官庄村": BranchFactory(
            code="370114001101", short_name="官庄村", parent=street
        ),
        "东官庄村": BranchFactory(
            code="370114001102", short_name="东官庄村", parent=street
        ),
    }


@pytest.fixture
def hand_in(roster, street, street_reviewer):
    """Start an import and return it, with what its preview says."""

    def start(content, *, branch=street, user=street_reviewer, **options):
        options = {"starts_on": "2024-01-01"} | options
        return runs.start(roster, branch, user, "名册.xlsx", content, options)

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
    """Return (kind, row, place, what) of each line of the preview."""
    outcomes, _, _ = runs.outcomes_of(run)
    return [(str(o.kind), o.row, o.place, o.what) for o in outcomes]


def reasons(run):
    outcomes, _, _ = runs.outcomes_of(run)
    return {o.row: o.detail for o in outcomes if o.kind == "refused"}
