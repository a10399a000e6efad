"""A figure of a closed month that came late or was wrong."""

import re
from decimal import Decimal

import pytest

from rollups import closings, corrections
from rollups.models import Correction, ReportedFigure, Rollup
from tests.rollups.reported.conftest import AID, OCTOBER, say

pytestmark = pytest.mark.django_db

PAGE = "/rollups/report/2026-10/370114001001/"
CORRECT = f"{PAGE}figures/correct/"


@pytest.fixture
def closed(october, community, aid, district_admin, monkeypatch):
    """October is closed, with 3 where 8 should stand."""
    say(community, aid, OCTOBER, 3)
    closings.close(OCTOBER, district_admin)
    return aid


@pytest.fixture
def clerk(client, village_clerk, submission):
    client.force_login(village_clerk, "federation.auth.ScopeBackend")
    return client


def correct(clerk, batch, value="8", reason="漏了五人", token=None):
    page = clerk.get(PAGE).content.decode()
    token = token or re.search(r'name="token" value="([^"]+)"', page).group(1)
    typed = {"batch": batch.pk, "token": token, "value": value, "reason": reason}
    return token, clerk.post(CORRECT, typed, follow=True)


def district_total():
    row = Rollup.objects.filter(indicator=AID, month=OCTOBER.first_day)
    return row.filter(branch__parent=None).values_list("total", flat=True).first()


def test_it_is_kept_approved_twice_and_stands_in_the_next_revision(
    clerk, closed, community, street_reviewer, district_admin
):
    _, answer = correct(clerk, closed)
    assert "已留下" in answer.content.decode()
    kept = Correction.objects.get()
    assert (kept.branch, kept.act) == (community, Correction.Act.CHANGE)
    said = corrections.handler_of(kept).differences(kept)[0]
    assert (said.old, said.new) == ("3 人", "8 人")
    assert ReportedFigure.objects.get().value == 3

    corrections.approve(kept, street_reviewer)
    corrections.approve(kept, district_admin)
    assert ReportedFigure.objects.get().value == 3
    assert closings.reopen(OCTOBER, district_admin, reason="更正救助数") == 1
    revision = closings.close(OCTOBER, district_admin)

    figure = ReportedFigure.objects.get()
    assert (figure.value, figure.explanation) == (8, "漏了五人")
    assert district_total() == Decimal(8)
    kept.refresh_from_db()
    assert (kept.state, kept.revision) == (Correction.State.ENTERED, revision)


def test_a_figure_that_was_never_given_is_a_late_one(
    clerk, october, aid, district_admin, street_reviewer
):
    closings.close(OCTOBER, district_admin)
    correct(clerk, aid, "2")
    kept = Correction.objects.get()
    assert kept.act == Correction.Act.ADD
    corrections.approve(kept, street_reviewer)
    corrections.approve(kept, district_admin)
    closings.reopen(OCTOBER, district_admin, reason="补录")

    assert ReportedFigure.objects.get().value == 2


def test_sent_twice_it_is_one(clerk, closed):
    token, _ = correct(clerk, closed)
    correct(clerk, closed, token=token)

    assert Correction.objects.count() == 1


def test_a_figure_that_changed_meanwhile_is_not_overwritten(
    clerk, closed, street_reviewer, district_admin
):
    correct(clerk, closed)
    kept = Correction.objects.get()
    corrections.approve(kept, street_reviewer)
    closings.reopen(OCTOBER, district_admin, reason="先改")
    figure = ReportedFigure.objects.get()
    figure.value = 5
    figure.save()
    corrections.approve(kept, district_admin)

    kept.refresh_from_db()
    assert "现在是 5" in kept.problem
    assert ReportedFigure.objects.get().value == 5


@pytest.mark.parametrize(
    ("value", "reason", "sentence"),
    [
        ("很多", "漏了", "请填数字"),
        ("-1", "漏了", "0"),
        ("8", "", "请写明为什么"),
        ("", "漏了", "请填更正后的数"),
        ("3", "没变", "没有改动"),
        ("NaN", "漏了", "请填数字"),
    ],
)
def test_what_is_refused_is_refused_with_a_sentence(
    clerk, closed, value, reason, sentence
):
    _, answer = correct(clerk, closed, value, reason)

    assert sentence in answer.content.decode()
    assert not Correction.objects.exists()


def test_an_open_month_needs_no_correction(clerk, october, aid):
    typed = {
        "batch": aid.pk,
        "token": "8d3c8a8e-0000-4000-8000-000000000000",
        "value": "8",
        "reason": "漏了",
    }
    answer = clerk.post(CORRECT, typed, follow=True)

    assert "没有结账" in answer.content.decode()
    assert not Correction.objects.exists()
