"""The pages of the months: what is left to do, closing, reopening, revisions."""

import pytest
from django.urls import reverse

from activities.models import Activity
from federation.models import ReportingMonth
from federation.months import Month
from rollups import closings
from rollups.models import Revision
from tests.factories import ActivityFactory, GrantFactory
from tests.rollups.closings.conftest import LAST

pytestmark = pytest.mark.django_db

MONTHS = "/rollups/months/"
PAGE = f"{MONTHS}{LAST}/"


@pytest.fixture
def office(client, district_admin):
    client.force_login(district_admin)
    return client


def text(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_names_what_a_closing_would_leave_out(office, month, community):
    day = month.first_day
    ActivityFactory(branch=community, starts_on=day)
    ActivityFactory(branch=community, starts_on=day, review="submitted")
    ActivityFactory(branch=community, starts_on=day, review="returned")

    page = text(office, PAGE)

    for line in ("草稿 1 场", "待审 1 场", "已退回、还没改好 1 场", "还没补人次 0 场"):
        assert line in page


def test_its_links_lead_to_those_very_records(office, month, community):
    draft = ActivityFactory(branch=community, starts_on=month.last_day)
    ActivityFactory(branch=community, starts_on=month.next_first_day)

    lines = office.get(PAGE).context["panels"][0][1]["lines"]
    [drafts] = [line for line in lines if line.label == "草稿"]

    assert list(office.get(drafts.address).context["cl"].result_list) == [draft]


def test_the_district_closes_and_reopens_on_the_page(office, month, district_admin):
    answer = office.post(f"{PAGE}close/", {"reason": "按期结账"}, follow=True)
    assert f"{LAST.label}第 1 版已结账" in answer.content.decode()
    state = ReportingMonth.objects.get(month=month.first_day)
    assert (state.status, state.closed_by) == ("closed", district_admin)

    answer = office.post(f"{PAGE}reopen/", {"reason": " "}, follow=True)
    assert "请写明为什么要重新开账" in answer.content.decode()

    answer = office.post(f"{PAGE}reopen/", {"reason": "人次有误"}, follow=True)
    assert "已重新开账" in answer.content.decode()
    assert "人次有误" in answer.content.decode()


def test_a_month_that_is_not_over_has_no_button(office, month):
    page = text(office, f"{MONTHS}{Month.current()}/")

    assert "还没有过完" in page
    assert "/close/" not in page


def test_a_district_role_at_a_street_closes_nothing(
    client, street, street_reviewer, month
):
    GrantFactory(user=street_reviewer, branch=street, role="district_admin")
    client.force_login(street_reviewer)

    assert client.post(f"{PAGE}close/").status_code == 403
    assert not Revision.objects.exists()


def test_the_file_comes_byte_by_byte_as_it_was_hashed(office, month, district_admin):
    revision = closings.close(month, district_admin)

    answer = office.get(f"/rollups/revisions/{LAST}/1.csv")

    assert answer.content == bytes(revision.csv)
    assert answer["X-Revision"] == revision.head


def test_the_workbook_has_chinese_titles(office, month, district_admin):
    closings.close(month, district_admin)

    answer = office.get(f"/rollups/revisions/{LAST}/1.xlsx")

    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_older_revisions_stay_where_they_were(office, month, district_admin):
    first = closings.close(month, district_admin)
    closings.reopen(month, district_admin, reason="人次有误")
    Activity.objects.filter(attendance_offline=30).update(attendance_offline=33)
    closings.close(month, district_admin)

    assert office.get(f"/rollups/revisions/{LAST}/1.csv").content == bytes(first.csv)


def test_the_page_of_a_revision_lists_what_changed(office, month, district_admin):
    closings.close(month, district_admin)
    closings.reopen(month, district_admin, reason="人次有误")
    Activity.objects.filter(attendance_offline=30).update(attendance_offline=33)
    second = closings.close(month, district_admin)

    page = text(office, reverse("rollups:revision", args=[str(month), 2]))

    assert second.head in page
    assert "和第 1 版相比" in page
    for figure in ("参加人次", ">30<", ">33<", ">100<", ">103<"):
        assert figure in page
    # By its name, not by the slug that the revision keeps.
    programme = Activity.objects.get(attendance_offline=33).programme
    assert f">{programme.name}<" in page
    assert f">{programme.slug}<" not in page


def test_the_table_says_which_revision_its_figures_are(office, month, district_admin):
    closings.close(month, district_admin)

    answer = office.get(f"/rollups/monthly.csv?from={LAST}&to={LAST}")

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[10] == "revision 1"


@pytest.mark.parametrize("month_text", ["2026-13", "x", "1990-01", "２０２６-01"])
def test_a_month_there_is_not_is_not_found(office, month, month_text):
    assert office.get(f"{MONTHS}{month_text}/").status_code == 404
    assert office.get(f"/rollups/revisions/{month_text}/1/").status_code == 404


# The head of the chain goes wherever figures go


def test_every_export_carries_the_head_of_the_chain(office, month, district_admin):
    revision = closings.close(month, district_admin)
    asked = f"from={LAST}&to={LAST}"

    long = office.get(f"/rollups/monthly.csv?{asked}")
    wide = office.get(f"/rollups/monthly.csv?{asked}&layout=wide")

    assert long["X-Revision-Chain"] == revision.head
    last = b"".join(wide.streaming_content).decode("utf-8-sig").splitlines()[-1]
    assert last == f"校验值,{revision.head}"
    assert f"校验值 {revision.head}" in text(office, f"/rollups/?{asked}")


def test_before_the_first_closing_there_is_no_such_line(office, month):
    wide = office.get(f"/rollups/monthly.csv?from={LAST}&to={LAST}&layout=wide")

    assert "校验值" not in b"".join(wide.streaming_content).decode()


def test_healthz_tells_the_head(office, month, district_admin):
    assert office.get("/healthz").json()["revisions"] == ""
    revision = closings.close(month, district_admin)

    assert office.get("/healthz").json()["revisions"] == revision.head
