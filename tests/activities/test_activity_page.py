"""The page of one activity: enough to decide and to get there, and nothing more."""

from datetime import date, time

import pytest
from django.utils import timezone

from activities.models import Activity, ActivityPartner
from tests.factories import PhotoFactory, PlanFactory, ProgrammeFactory

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("activities.views.local_today", lambda: TODAY)


def html_of(client, activity):
    response = client.get(activity.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_when_where_for_whom_and_by_whom(client, community, street):
    activity = PlanFactory(
        branch=community,
        programme=ProgrammeFactory(),
        title="民法典进村居",
        starts_on=date(2026, 11, 28),
        starts_at=time(9),
        ends_at=time(11, 30),
        place="明一社区文化广场",
        audience="women,families",
        lecturer="王律师",
        summary="现场答疑。",
    )
    ActivityPartner.objects.create(
        activity=activity, organisation="区司法局", role="joint"
    )
    html = html_of(client, activity)
    for words in (
        "2026 年 11 月 28 日",
        "周六",
        "09:00–11:30",
        "明一社区文化广场",
        "妇女、家庭",
        "王律师",
        "现场答疑。",
        "明一社区妇联",
        "明水街道妇联",
        "区司法局",
        "基层日常活动",
        f"/activities/{activity.pk}.ics",
    ):
        assert words in html


def test_figures_and_staff_stay_inside(client, community, village_clerk):
    activity = PlanFactory(
        branch=community,
        starts_on=date(2026, 11, 3),
        happening=Activity.Happening.HELD,
        attendance_offline=7311,
        view_count=8422,
        recorded_by=village_clerk,
        proposal={"title": "还没批准的新名称"},
    )
    html = html_of(client, activity)
    assert "7311" not in html
    assert "8422" not in html
    assert village_clerk.name not in html
    assert "还没批准的新名称" not in html
    assert "这场活动已经结束。" in html


def test_a_cancelled_activity_tells_not_to_come_and_offers_no_file(client, community):
    activity = PlanFactory(
        branch=community, starts_on=TODAY, happening=Activity.Happening.CANCELLED
    )
    html = html_of(client, activity)
    assert "这场活动已取消" in html
    assert "请不要前往" in html
    assert "加入我的日历" not in html


def test_a_postponed_activity_tells_that_the_date_will_change(client, community):
    activity = PlanFactory(
        branch=community, starts_on=TODAY, happening=Activity.Happening.POSTPONED
    )
    assert "这场活动已延期" in html_of(client, activity)


def test_the_page_names_what_else_the_branch_has_coming(
    client, community, sister_community
):
    activity = PlanFactory(branch=community, starts_on=TODAY, title="本场")
    PlanFactory(branch=community, starts_on=date(2026, 12, 1), title="下一场")
    PlanFactory(branch=community, starts_on=date(2026, 11, 1), title="过去的一场")
    PlanFactory(branch=sister_community, starts_on=date(2026, 12, 1), title="别家的")
    html = html_of(client, activity)
    assert "下一场" in html
    assert "过去的一场" not in html
    assert "别家的" not in html


def test_text_of_staff_is_escaped(client, community):
    activity = PlanFactory(
        branch=community,
        title="<script>alert(1)</script>",
        summary="<img src=x onerror=alert(1)>",
    )
    html = html_of(client, activity)
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_only_published_photos_are_shown_and_served(client, community):
    activity = PlanFactory(branch=community)
    shown = PhotoFactory(activity=activity, approved_at=timezone.now(), caption="现场")
    hidden = [
        PhotoFactory(activity=activity),
        PhotoFactory(activity=activity, approved_at=timezone.now(), shows_minor=True),
    ]
    html = html_of(client, activity)
    assert str(shown.key) in html
    response = client.get(f"/photos/{shown.key}.jpg")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    for photo in hidden:
        assert str(photo.key) not in html
        assert client.get(f"/photos/{photo.key}.jpg").status_code == 404


def test_an_unpublished_photo_is_served_to_those_who_see_the_record(
    client, community, village_clerk, sister_reviewer
):
    photo = PhotoFactory(activity=PlanFactory(branch=community))
    address = f"/photos/{photo.key}.jpg"
    client.force_login(sister_reviewer)
    assert client.get(address).status_code == 404
    client.force_login(village_clerk)
    response = client.get(address)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_the_page_costs_a_handful_of_queries(
    client, community, django_assert_max_num_queries
):
    activity = PlanFactory(branch=community, programme=ProgrammeFactory())
    for _ in range(9):
        PhotoFactory(activity=activity, approved_at=timezone.now())
        PlanFactory(branch=community, starts_on=date(2026, 12, 1))
    with django_assert_max_num_queries(8):
        html_of(client, activity)
