"""The figures on the report page: filled in on a phone, kept once, and asked for before
a month is reported."""

from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.models import ReportingMonth
from rollups import engine, submissions
from rollups.models import ReportedFigure, Submission
from rollups.submission_forms import NumberField
from rollups.submissions import Figures
from tests.rollups.reported.conftest import OCTOBER, SEPTEMBER, say
from tests.rollups.submissions.conftest import held

pytestmark = pytest.mark.django_db

PAGE = "/rollups/report/2026-10/370114001001/"
FILL = f"{PAGE}figures/"
Status = Submission.Status


@pytest.fixture
def clerk(client, village_clerk):
    client.force_login(village_clerk)
    return client


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def seen_on(client) -> str:
    return client.get(PAGE).context["seen"]


def values():
    rows = ReportedFigure.objects.filter(month=OCTOBER.first_day)
    return {row.batch.indicator.slug: row.value for row in rows}


def test_she_fills_in_what_is_asked_beside_what_it_was(
    clerk, submission, jobs, aid, screening, community
):
    say(community, aid, SEPTEMBER, 8)
    page = text_of(clerk.get(PAGE))

    assert "妈妈岗" in page
    assert "救助困境妇女儿童" in page
    assert "2026 年 9 月：8" in page
    assert "依据 章妇〔2026〕3 号" in page
    assert 'inputmode="decimal"' in page
    assert "两癌检查" not in page  # the streets fill it in
    assert "还有 2 项数没有填" in page

    answer = clerk.post(
        FILL, {"seen": "", f"value_{jobs.pk}": "１２", f"value_{aid.pk}": " 11.5 "}
    )

    assert answer.status_code == 302
    assert values() == {"mom_jobs": 12, "aid": Decimal("11.5")}
    figure = ReportedFigure.objects.get(batch=aid, month=OCTOBER.first_day)
    assert figure.entered_by.username == "village_clerk"
    page = text_of(clerk.get(PAGE))
    assert "填报数已保存" in page
    assert 'value="11.5"' in page


def test_sent_twice_it_is_kept_once(clerk, submission, jobs, aid):
    typed = {"seen": "", f"value_{jobs.pk}": "12", f"value_{aid.pk}": "3"}
    clerk.post(FILL, typed)
    entries = LogEntry.objects.count()

    answer = clerk.post(FILL, typed)

    assert answer.status_code == 302
    assert values() == {"mom_jobs": 12, "aid": 3}
    assert LogEntry.objects.count() == entries


def test_a_late_second_sending_writes_nothing_over(clerk, submission, jobs, aid):
    """A weak signal sends the first form again after she has corrected it."""
    first = {"seen": "", f"value_{jobs.pk}": "12", f"value_{aid.pk}": "3"}
    clerk.post(FILL, first)
    clerk.post(FILL, first | {"seen": seen_on(clerk), f"value_{aid.pk}": "4"})

    answer = clerk.post(FILL, first)

    assert answer.status_code == 400
    assert "这些数有人改过，现在是：妈妈岗 12、救助困境妇女儿童 4" in text_of(answer)
    assert values() == {"mom_jobs": 12, "aid": 4}
    # What she typed is there, and now she has seen the other: sent again, it is meant.
    assert answer.context["seen"] == seen_on(clerk)
    assert 'value="3"' in text_of(answer)
    clerk.post(FILL, first | {"seen": answer.context["seen"]})
    assert values() == {"mom_jobs": 12, "aid": 3}


def test_what_is_refused_stands_beside_its_field_with_all_she_typed(
    clerk, submission, jobs, aid, community
):
    say(community, aid, SEPTEMBER, 10)
    answer = clerk.post(
        FILL, {"seen": "", f"value_{jobs.pk}": "501", f"value_{aid.pk}": "16"}
    )
    page = text_of(answer)

    assert answer.status_code == 400
    assert values() == {}
    assert "不应超过 500 个，请核对。" in page
    assert "2026 年 9 月填的是 10 人，这次是 16 人，相差较大，请写一句说明。" in page
    assert 'value="501"' in page
    assert 'value="16"' in page
    assert f'name="why_{aid.pk}"' in page
    assert f'name="why_{jobs.pk}"' not in page

    typed = {f"value_{jobs.pk}": "50", f"value_{aid.pk}": "16"}
    clerk.post(FILL, {"seen": "", f"why_{aid.pk}": "新增两个村", **typed})
    assert values() == {"mom_jobs": 50, "aid": 16}
    assert "新增两个村" in text_of(clerk.get(PAGE))


def test_an_emptied_field_takes_back_what_was_said(clerk, submission, aid, community):
    say(community, aid, OCTOBER, 10)

    clerk.post(FILL, {"seen": seen_on(clerk), f"value_{aid.pk}": ""})

    assert values() == {}


def test_one_button_says_that_what_is_empty_is_zero(
    clerk, submission, jobs, aid, community
):
    say(community, jobs, SEPTEMBER, 30)
    typed = {"seen": "", f"value_{jobs.pk}": "", f"value_{aid.pk}": "", "zeros": "1"}

    clerk.post(FILL, typed)

    # A stock goes on as it was said last: to leave it empty is no zero.
    assert values() == {"aid": 0}


def test_a_closed_month_keeps_what_she_typed(clerk, submission, aid):
    ReportingMonth.objects.filter(month=OCTOBER.first_day).update(status="closed")

    answer = clerk.post(FILL, {"seen": "", f"value_{aid.pk}": "16"})

    assert answer.status_code == 400
    assert "2026 年 10 月已" in text_of(answer)
    assert 'value="16"' in text_of(answer)
    assert values() == {}


def test_who_may_not_report_sees_the_figures_and_fills_in_none(
    client, submission, aid, jobs, community, auditor, sister_reviewer
):
    say(community, aid, OCTOBER, 10, explanation="新增一个村")
    client.force_login(auditor)
    page = text_of(client.get(PAGE))

    assert "10 人" in page
    assert "新增一个村" in page
    assert "没有填" in page
    assert "<input" not in page.partition('id="figures"')[2].partition("</section>")[0]
    assert client.post(FILL, {f"value_{aid.pk}": "1"}).status_code == 403
    client.force_login(sister_reviewer)
    assert client.post(FILL, {f"value_{aid.pk}": "1"}).status_code == 404
    assert values() == {"aid": 10}


def test_the_page_takes_as_few_queries_however_much_is_asked(
    clerk, submission, aid, community, django_assert_max_num_queries
):
    for month in (SEPTEMBER, OCTOBER):
        say(community, aid, month, 10)
    clerk.get(PAGE)
    with django_assert_max_num_queries(16):
        clerk.get(PAGE)


# Before a month is reported -----------------------------------------------------


def test_silence_is_no_zero(submission, village_clerk, jobs, aid, screening, community):
    with pytest.raises(ValidationError, match="2 项没有填：妈妈岗、救助困境妇女儿童"):
        submissions.report_zero(submission, village_clerk)
    held(community)
    with pytest.raises(ValidationError, match="没有的填 0"):
        submissions.confirm(submission, village_clerk, Figures(1, 30))
    for batch in (jobs, aid):
        say(community, batch, OCTOBER, 0)
    submissions.confirm(submission, village_clerk, Figures(1, 30))


def test_only_what_is_in_force_and_asked_of_her_level_is_missing(
    submission, village_clerk, jobs, aid, screening, community
):
    say(community, jobs, SEPTEMBER, 5)  # a stock goes on
    aid.from_month = OCTOBER.next().first_day
    aid.save()

    done = submissions.report_zero(submission, village_clerk)

    assert done.status == Status.ZERO


def test_figures_alone_can_be_confirmed(
    submission, village_clerk, clerk, aid, community
):
    say(community, aid, OCTOBER, 3)
    with pytest.raises(ValidationError, match="填报数里有：救助困境妇女儿童 3 人"):
        submissions.report_zero(submission, village_clerk)
    page = text_of(clerk.get(PAGE))
    assert "和填报数</button>" in page

    clerk.post(
        f"{PAGE}confirm/",
        {"sessions": 0, "attendance": 0, "reported": seen_on(clerk)},
    )

    submission.refresh_from_db()
    assert submission.status == Status.REPORTED
    assert submission.reported == {str(aid.pk): "3.00"}
    assert "确认填报数" in text_of(clerk.get(PAGE))
    engine.drain_marks()
    submission.refresh_from_db()
    assert (submission.status, submission.has_changed) == (Status.REPORTED, False)


def test_zeros_alone_are_a_zero_report(submission, village_clerk, aid, community):
    say(community, aid, OCTOBER, 0)
    with pytest.raises(ValidationError, match="请点“零报告”"):
        submissions.confirm(submission, village_clerk, Figures(0, 0))

    done = submissions.report_zero(submission, village_clerk)

    assert done.status == Status.ZERO


def test_nobody_confirms_a_figure_she_has_not_seen(
    submission, village_clerk, clerk, aid, community
):
    figure = say(community, aid, OCTOBER, 3)
    seen = seen_on(clerk)
    figure.value = 4
    figure.save()

    with pytest.raises(ValidationError, match="数字变成了 0 场 · 0 人次，救助.*4 人"):
        submissions.confirm(submission, village_clerk, Figures(), seen)


def test_a_figure_that_changes_after_it_was_confirmed_is_marked(
    submission, village_clerk, aid, community
):
    figure = say(community, aid, OCTOBER, 3)
    submissions.confirm(submission, village_clerk, Figures(0, 0))
    figure.value = 5
    figure.save()
    engine.drain_marks()
    submission.refresh_from_db()
    assert (submission.status, submission.has_changed) == (Status.REPORTED, True)

    figure.value = 3
    figure.save()
    engine.drain_marks()
    submission.refresh_from_db()
    assert submission.has_changed is False


def test_a_figure_voids_a_zero_report(submission, village_clerk, aid, community):
    figure = say(community, aid, OCTOBER, 0)
    submissions.report_zero(submission, village_clerk)
    figure.value = 5
    figure.save()
    engine.drain_marks()

    submission.refresh_from_db()
    assert (submission.status, submission.has_changed) == (Status.REPORTED, True)


def test_an_activity_does_not_report_for_a_branch_that_is_silent_on_a_figure(
    submission, aid, community
):
    held(community)
    engine.drain_marks()
    submission.refresh_from_db()
    assert submission.status == Status.MISSING

    say(community, aid, OCTOBER, 0)
    engine.drain_marks()
    submission.refresh_from_db()
    assert submission.status == Status.REPORTED


# Whatever is typed --------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("１２３", 123),
        ("12,000", 12000),
        ("１２，０００", 12000),
        (" 7 ", 7),
        ("0", 0),
        ("3.50", Decimal("3.5")),
        ("３．５", Decimal("3.5")),
        ("", None),
        ("　", None),
    ],
)
def test_numbers_as_people_type_them(typed, value):
    assert (
        NumberField(required=False, max_digits=14, decimal_places=2).clean(typed)
        == value
    )


@pytest.mark.parametrize(
    "typed",
    [
        "nan",
        "NaN",
        "inf",
        "1e5",
        "-1",
        "1_000",
        "十二",
        "1.234",
        "9" * 13,
        "9" * 4000,
        "1,2",
        "1,2000",
    ]
    + ["0x10", "1..2", "--1", "1\x002", "①", "²"],
)
def test_what_is_no_figure_is_refused_with_a_sentence(clerk, submission, aid, typed):
    answer = clerk.post(FILL, {"seen": "", f"value_{aid.pk}": typed})

    if answer.status_code == 302:  # ① and ² are digits to whoever types them
        assert typed in "①²"
        return
    assert answer.status_code == 400
    assert "figure-error" in text_of(answer)
    assert values() == {}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(typed=st.text(max_size=40) | st.floats().map(str) | st.integers().map(str))
def test_nothing_that_can_be_typed_breaks_the_form(clerk, submission, aid, typed):
    answer = clerk.post(
        FILL, {"seen": typed, f"value_{aid.pk}": typed, f"why_{aid.pk}": typed}
    )

    assert answer.status_code in (302, 400)
    for value in ReportedFigure.objects.values_list("value", flat=True):
        assert 0 <= value < 10**12
    ReportedFigure.objects.all().delete()


def test_the_page_is_found_by_its_name():
    assert reverse("rollups:report_figures", args=["2026-10", "370114001001"]) == FILL
