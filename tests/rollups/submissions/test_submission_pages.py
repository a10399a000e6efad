"""The pages of a month's reporting, and the lines on the staff's first page."""

import pytest
from django.test import Client

from federation.models import ReportingMonth
from rollups import engine, submissions
from rollups.models import Expectation
from rollups.submissions import Figures
from tests.factories import ActivityFactory, GrantFactory
from tests.permissions.forms import values_of
from tests.rollups.submissions.conftest import held

PROGRESS = "/rollups/progress/"
REPORT = "/rollups/report/2026-10/370114001001/"


@pytest.fixture
def as_user(client, submission):
    def log_in(user):
        client.force_login(user)
        return client

    return log_in


def text(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_first_page_confirms_with_one_tap(as_user, community, village_clerk):
    held(community, people=128)
    client = as_user(village_clerk)

    page = text(client, "/admin/")
    assert "10 月还没报" in page
    assert "确认 1 场 · 128 人次" in page

    answer = client.post(
        f"{REPORT}confirm/",
        {"sessions": "1", "attendance": "128", "next": "/admin/"},
        follow=True,
    )
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "已报：1 场 · 128 人次" in answer.content.decode()
    assert "10 月还没报" not in text(client, "/admin/")


def test_the_first_page_reports_zero_with_one_tap(as_user, submission, village_clerk):
    client = as_user(village_clerk)
    assert "零报告（没有活动）" in text(client, "/admin/")

    answer = client.post(f"{REPORT}zero/", {"next": "/admin/"}, follow=True)

    assert "已报零" in answer.content.decode()
    submission.refresh_from_db()
    assert submission.status == "zero"


def test_the_buttons_of_the_first_page_carry_the_pages_token(submission, village_clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(village_clerk)

    # The page's other forms have tokens of their own.
    _, _, section = text(client, "/admin/").partition('class="to-report"')
    sent = values_of(section.partition("</section>")[0])
    answer = client.post(f"{REPORT}zero/", sent)

    assert answer.status_code == 302
    submission.refresh_from_db()
    assert submission.status == "zero"


def test_a_branch_is_named_only_where_it_is_not_her_own(
    as_user, street, village_clerk, street_reviewer
):
    assert "明一社区　" not in text(as_user(village_clerk), "/admin/")
    GrantFactory(user=village_clerk, branch=street, role="clerk")
    assert "明水街道　" in text(as_user(village_clerk), "/admin/")


def test_she_never_lands_on_a_foreign_site(as_user, village_clerk):
    answer = as_user(village_clerk).post(
        f"{REPORT}zero/", {"next": "https://example.com/"}
    )

    assert answer["Location"] == REPORT


def test_the_first_page_says_why_it_came_back(
    as_user, submission, village_clerk, street_reviewer
):
    submissions.report_zero(submission, village_clerk)
    submissions.send_back(submission, street_reviewer, "重阳节的活动没有登记")

    page = text(as_user(village_clerk), "/admin/")

    assert "10 月报送被退回" in page
    assert "退回原因：重阳节的活动没有登记" in page


def test_the_first_page_leads_to_what_is_unfinished(as_user, community, village_clerk):
    ActivityFactory(branch=community, starts_on="2026-10-09", title="家风宣讲")
    client = as_user(village_clerk)

    assert "先办完 1 场活动，再报" in text(client, "/admin/")
    page = text(client, REPORT)
    assert "家风宣讲" in page
    assert "零报告</button>" not in page


def test_a_changed_confirmation_comes_back_to_the_first_page(
    as_user, submission, community, village_clerk
):
    held(community)
    submissions.confirm(submission, village_clerk, Figures(1, 30))
    held(community, people=5)
    engine.drain_marks()

    page = text(as_user(village_clerk), "/admin/")

    assert "10 月确认后有变动" in page
    assert "确认 2 场 · 35 人次" in page


def test_a_reviewer_reads_how_far_her_street_is(as_user, street_reviewer):
    page = text(as_user(street_reviewer), "/admin/")

    assert "应报 3 · 还差 3" in page


def test_a_refusal_is_said_on_the_branchs_page(as_user, community, village_clerk):
    held(community)

    answer = as_user(village_clerk).post(
        f"{REPORT}zero/", {"next": "/admin/"}, follow=1
    )

    assert answer.redirect_chain == [(REPORT, 302)]
    assert "不能报零" in answer.content.decode()


@pytest.mark.parametrize(
    "sent", [{}, {"sessions": "x", "attendance": ""}, {"sessions": "9" * 30}]
)
def test_a_confirmation_without_figures_is_no_error(as_user, village_clerk, sent):
    answer = as_user(village_clerk).post(f"{REPORT}confirm/", sent, follow=True)

    assert answer.status_code == 200
    assert "没有收到您看到的数字" in answer.content.decode()


def test_the_street_returns_with_a_reason(
    as_user, submission, village_clerk, street_reviewer
):
    submissions.report_zero(submission, village_clerk)
    client = as_user(street_reviewer)

    assert (
        "请写明退回的原因"
        in client.post(
            f"{REPORT}return/", {"reason": " "}, follow=True
        ).content.decode()
    )
    client.post(f"{REPORT}return/", {"reason": "少报一场"})

    submission.refresh_from_db()
    assert (submission.status, submission.reason) == ("returned", "少报一场")


def test_each_street_sees_its_own_and_no_ranking(as_user, street_reviewer):
    page = text(as_user(street_reviewer), f"{PROGRESS}?month=2026-10")

    assert "明水街道" in page
    assert "双山街道" not in page
    assert page.index("明一社区") < page.index("明二社区")


def test_only_reviewers_are_given_the_text_for_the_group(
    as_user, street_reviewer, village_clerk
):
    assert "复制催报文字" in text(as_user(street_reviewer), PROGRESS)
    assert "复制催报文字" not in text(as_user(village_clerk), PROGRESS)


@pytest.mark.parametrize(
    "address",
    [
        f"{PROGRESS}?month=2026-13",
        f"{PROGRESS}?branch=370114002",
        f"{PROGRESS}?branch=%00",
        "/rollups/report/2026-10/370114002001/",
        "/rollups/report/2026-13/370114001001/",
        "/rollups/report/2019-10/370114001001/",
        "/rollups/report/2026-10/%00/",
    ],
)
def test_what_there_is_not_is_not_found(as_user, village_clerk, address):
    assert as_user(village_clerk).get(address).status_code == 404


def test_a_month_nobody_has_to_report_says_so(as_user, district_admin):
    page = text(as_user(district_admin), f"{PROGRESS}?month=2019-01")

    assert "没有要报送的组织" in page


def test_the_month_says_before_the_closing_who_is_missing(as_user, district_admin):
    page = text(as_user(district_admin), "/rollups/months/2026-10/")

    assert "应报 5，还没报 5" in page
    assert f"{PROGRESS}?month=2026-10" in page


def test_the_district_sets_the_deadline(as_user, october, district_admin):
    client = as_user(district_admin)
    due = "/rollups/months/2026-10/due/"

    answer = client.post(due, {"due_at": "2026-11-09T12:00"}, follow=True)
    assert "截止时间是 2026-11-09 12:00" in answer.content.decode()
    assert 'value="2026-11-09T12:00"' in answer.content.decode()

    answer = client.post(due, {"due_at": "下周一"}, follow=True)
    assert "没有看懂" in answer.content.decode()

    client.post(due, {"due_at": ""})
    assert ReportingMonth.objects.get(month=october.first_day).due_at is None


def test_the_district_sets_who_reports(as_user, district_admin):
    client = as_user(district_admin)
    assert "哪些组织每月报送" in text(client, "/rollups/months/")

    client.post("/rollups/expected/", {"levels": ["village"], "kinds": ["region"]})
    assert Expectation.objects.get().levels == ["village"]

    answer = client.post("/rollups/expected/", {"levels": ["planet"]}, follow=True)
    assert "各至少选一项" in answer.content.decode()
    assert Expectation.objects.get().levels == ["village"]


def test_a_district_role_at_a_street_sets_nothing(as_user, street, street_reviewer):
    GrantFactory(user=street_reviewer, branch=street, role="district_admin")
    client = as_user(street_reviewer)

    assert client.post("/rollups/expected/").status_code == 403
    assert client.post("/rollups/months/2026-10/due/").status_code == 403
    assert "哪些组织每月报送" not in text(client, "/rollups/months/")


def test_a_closed_month_says_who_closed_it(as_user, october, village_clerk):
    ReportingMonth.objects.filter(month=october.first_day).update(
        status="closed", revision=1
    )
    client = as_user(village_clerk)

    assert "结账（第 1 版）" in text(client, REPORT)
    assert "10 月还没报" not in text(client, "/admin/")
