"""What the public and the staff read of activities in the API."""

import pytest
from django.utils import timezone

from activities.serializers import PUBLIC_FIELDS
from tests.activities.api import LIST, api_of, detail, titles
from tests.factories import (
    ActivityFactory,
    PhotoFactory,
    PlanFactory,
    ProgrammeFactory,
    ResultFactory,
)


def test_the_public_reads_approved_public_activities_only(public, community):
    PlanFactory(title="公开的", branch=community)
    PlanFactory(title="内部的", branch=community, visibility="internal")
    PlanFactory(title="撤回的", branch=community, review="withdrawn")
    draft = ActivityFactory(title="草稿", branch=community)

    assert titles(public.get(LIST)) == ["公开的"]
    assert public.get(detail(draft)).status_code == 404


def test_the_public_reads_the_whitelist_and_nothing_else(public, community):
    activity = ResultFactory(branch=community, proposal={"title": "待审的题目"})

    row = public.get(detail(activity)).json()

    assert set(row) == set(PUBLIC_FIELDS)
    assert not set(row) & {"attendance_offline", "recorded_by", "proposal", "review"}
    assert "待审的题目" not in str(row)
    assert row["url"] == f"http://testserver/activities/{activity.pk}/"
    assert row["branch"] == community.code


def test_the_public_reads_published_photos_only(public, community):
    activity = PlanFactory(branch=community)
    PhotoFactory(activity=activity, caption="合影", approved_at=timezone.now())
    PhotoFactory(activity=activity, caption="未审")
    PhotoFactory(
        activity=activity, caption="孩子", approved_at=timezone.now(), shows_minor=True
    )

    photos = public.get(detail(activity)).json()["photos"]

    assert [photo["caption"] for photo in photos] == ["合影"]


def test_the_list_filters_like_the_calendar(public, community, sister_community):
    other = ProgrammeFactory(slug="law", name="普法行动")
    PlanFactory(title="甲", branch=community, kind="law", place="文化广场")
    PlanFactory(title="乙", branch=sister_community, kind="health", programme=other)

    assert titles(public.get(LIST, {"branch": "370114001"})) == ["甲"]
    assert titles(public.get(LIST, {"programme": "law"})) == ["乙"]
    assert titles(public.get(LIST, {"kind": "health"})) == ["乙"]
    assert titles(public.get(LIST, {"q": "广场"})) == ["甲"]
    assert titles(public.get(LIST, {"since": "2026-03-09"})) == []
    assert len(titles(public.get(LIST, {"until": "2026-03-08"}))) == 2


@pytest.mark.parametrize(
    ("name", "value"), [("branch", "999"), ("programme", "none-such"), ("kind", "x")]
)
def test_an_unknown_filter_value_is_refused_and_not_ignored(public, name, value):
    response = public.get(LIST, {name: value})

    assert response.status_code == 400
    assert "全部" not in str(response.json())


def test_the_public_cannot_ask_what_waits_for_review(public, community):
    PlanFactory(title="甲", branch=community, review="submitted")

    assert titles(public.get(LIST, {"review": "draft"})) == ["甲"]


def test_the_list_costs_the_same_queries_for_any_number(
    public, clerk, community, django_assert_num_queries
):
    for _ in range(3):
        PhotoFactory(activity=PlanFactory(branch=community))

    with django_assert_num_queries(4):
        public.get(LIST)
    with django_assert_num_queries(5):
        clerk.get(LIST)


# What staff read


def test_staff_read_everything_of_their_own_place_and_nothing_else(
    clerk, community, sister_community
):
    ActivityFactory(title="本村草稿", branch=community)
    foreign = PlanFactory(title="他村公开", branch=sister_community)

    assert titles(clerk.get(LIST)) == ["本村草稿"]
    assert clerk.get(detail(foreign)).status_code == 404


def test_staff_may_ask_for_what_the_public_reads(clerk, community, sister_community):
    ActivityFactory(title="本村草稿", branch=community)
    foreign = PlanFactory(title="他村公开", branch=sister_community)

    response = clerk.get(LIST, {"scope": "public"})

    assert titles(response) == ["他村公开"]
    assert set(response.json()["results"][0]) == set(PUBLIC_FIELDS)
    assert clerk.get(detail(foreign), {"scope": "public"}).status_code == 200


def test_an_account_without_grants_reads_what_the_public_reads(
    staff_without_grant, community
):
    ActivityFactory(branch=community)
    PlanFactory(title="公开的", branch=community)

    assert titles(api_of(staff_without_grant).get(LIST)) == ["公开的"]


def test_staff_filter_by_review_state(clerk, community):
    ActivityFactory(title="草稿", branch=community)
    PlanFactory(title="通过", branch=community)

    assert titles(clerk.get(LIST, {"review": "draft"})) == ["草稿"]
