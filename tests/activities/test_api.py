"""The activities of the API: what the public reads, what staff read and write."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from activities import review
from activities.models import Activity, ReviewRound
from activities.serializers import PUBLIC_FIELDS
from federation.models import ReportingMonth
from tests.factories import (
    ActivityFactory,
    PhotoFactory,
    PlanFactory,
    ProgrammeFactory,
    ResultFactory,
)

LIST = "/api/v1/activities/"
ID_NUMBER = "11010519491231002X"


def detail(activity, verb=""):
    return f"{LIST}{activity.pk}/{verb and verb + '/'}"


def api_of(user):
    api = APIClient()
    api.force_authenticate(user)
    return api


@pytest.fixture
def public(db):
    return APIClient()


@pytest.fixture
def clerk(village_clerk):
    return api_of(village_clerk)


@pytest.fixture
def reviewer(street_reviewer):
    return api_of(street_reviewer)


@pytest.fixture
def typed(community, programme):
    return {
        "title": "秋季健康讲座",
        "branch": community.code,
        "programme": programme.slug,
        "kind": "health",
        "starts_on": "2026-03-08",
        "place": "社区活动室",
    }


def titles(response):
    assert response.status_code == 200, response.json()
    return [row["title"] for row in response.json()["results"]]


# What the public reads


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


# What staff write


def test_a_clerk_enters_a_draft(clerk, village_clerk, typed):
    response = clerk.post(LIST, typed | {"audience": ["women", "families"]})

    assert response.status_code == 201, response.json()
    activity = Activity.objects.get()
    assert (activity.review, activity.recorded_by) == ("draft", village_clerk)
    assert activity.ends_on == date(2026, 3, 8)
    assert activity.audience == "women,families"
    assert response.json()["audience"] == ["women", "families"]


def test_the_same_form_sent_twice_makes_one_activity(clerk, typed):
    typed["client_token"] = str(uuid.uuid4())

    first = clerk.post(LIST, typed)
    second = clerk.post(LIST, typed | {"title": "又发了一次"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["title"] == "秋季健康讲座"
    assert Activity.objects.count() == 1


def test_a_token_of_somebody_else_tells_nothing(clerk, sister_community, typed):
    foreign = ActivityFactory(title="他村草稿", branch=sister_community)

    response = clerk.post(LIST, typed | {"client_token": str(foreign.client_token)})

    assert response.status_code == 400
    assert "他村草稿" not in str(response.json())


@pytest.mark.parametrize("place", ["sister_community", "street", "district"])
def test_another_branch_in_the_body_is_refused(clerk, typed, place, request):
    branch = request.getfixturevalue(place)

    response = clerk.post(LIST, typed | {"branch": branch.code})

    assert response.status_code == 400
    assert response.json() == {
        "branch": ["您的授权范围内没有这个妇联组织，请核对编码。"]
    }
    assert not Activity.objects.exists()


def test_an_activity_cannot_be_moved_to_another_branch(
    clerk, community, sister_community
):
    activity = ActivityFactory(branch=community)

    response = clerk.patch(detail(activity), {"branch": sister_community.code})

    assert response.status_code == 400
    activity.refresh_from_db()
    assert activity.branch == community


def test_states_and_owner_cannot_be_written(
    clerk, village_clerk, typed, district_admin
):
    response = clerk.post(
        LIST,
        typed
        | {
            "review": "approved",
            "approved_at": "2026-01-01T00:00:00+08:00",
            "recorded_by": district_admin.pk,
            "proposal": {"title": "x"},
            "sequence": 9,
        },
    )

    assert response.status_code == 201
    activity = Activity.objects.get()
    assert (activity.review, activity.approved_at) == ("draft", None)
    assert (activity.recorded_by, activity.proposal) == (village_clerk, None)


TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
REFUSALS = [
    (
        "title",
        {"title": f"联系人 {ID_NUMBER}"},
        "这里不能填写身份证号，请删去后再保存。",
    ),
    ("summary", {"summary": ID_NUMBER}, "这里不能填写身份证号，请删去后再保存。"),
    (
        "attendance_offline",
        {"attendance_offline": 100_001},
        "人数不能超过 10 万，请核对。",
    ),
    (
        "starts_on",
        {"starts_on": TOMORROW, "attendance_offline": 3},
        "活动日期还没到，不能填参加人次，也不能标为已举办。",
    ),
    (
        "non_field_errors",
        {"ends_on": "2026-03-07"},
        "结束日期不能早于开始日期。",
    ),
    (
        "non_field_errors",
        {"starts_at": "10:00", "ends_at": "09:00"},
        "结束时间必须晚于开始时间。",
    ),
    ("non_field_errors", {"attendance_online": -1}, "人数不能是负数，请核对。"),
]


@pytest.mark.parametrize(("field", "changes", "sentence"), REFUSALS)
def test_what_the_model_refuses_the_api_refuses_in_the_same_words(
    clerk, typed, community, programme, field, changes, sentence
):
    response = clerk.post(LIST, typed | changes)

    assert response.status_code == 400
    assert response.json() == {field: [sentence]}
    assert not Activity.objects.exists()


def test_a_closed_branch_is_refused_with_its_sentence(clerk, typed, community):
    community.closed_on = date(2026, 1, 31)
    community.save()

    response = clerk.post(LIST, typed)

    assert response.status_code == 400
    assert "尚未成立或已经撤销" in response.json()["starts_on"][0]


def test_a_closed_month_is_refused_with_its_sentence(
    clerk, typed, community, village_clerk
):
    activity = ActivityFactory(branch=community, recorded_by=village_clerk)
    closed = ReportingMonth.objects.create(
        month=date(2026, 3, 1), status="closed", revision=1, closed_at=timezone.now()
    )

    for response in (
        clerk.post(LIST, typed),
        clerk.patch(detail(activity), {"title": "改题目"}),
        clerk.patch(detail(activity), {"starts_on": "2026-04-01"}),
        clerk.delete(detail(activity)),
    ):
        assert response.status_code == 400
        assert response.json() == {"non_field_errors": [closed.refusal]}


def test_an_id_number_in_a_partner_or_a_reason_is_refused(
    clerk, reviewer, typed, village_clerk, community
):
    partners = [{"organisation": f"某公司 {ID_NUMBER}", "role": "host"}]
    response = clerk.post(LIST, typed | {"partners": partners})
    assert response.status_code == 400
    assert "不能填写身份证号" in str(response.json())

    activity = ActivityFactory(branch=community)
    review.submit(activity, village_clerk)
    response = reviewer.post(detail(activity, "return"), {"reason": ID_NUMBER})
    assert response.status_code == 400
    assert "不能填写身份证号" in str(response.json())


@pytest.mark.parametrize("body", [[], "text", {"title": ["a"]}, {"client_token": 5}])
def test_nonsense_is_refused_and_breaks_nothing(clerk, body):
    assert clerk.post(LIST, body).status_code == 400


def test_partners_are_any_branch_or_a_name(clerk, typed, sister_community):
    response = clerk.post(
        LIST,
        typed
        | {
            "partners": [
                {"branch": sister_community.code, "role": "joint"},
                {"organisation": "区司法局", "role": "host"},
            ]
        },
    )

    assert response.status_code == 201, response.json()
    assert response.json()["partners"] == [
        {
            "branch": sister_community.code,
            "branch_name": "赵家庄社区妇联",
            "organisation": "",
            "role": "joint",
        },
        {
            "branch": None,
            "branch_name": "",
            "organisation": "区司法局",
            "role": "host",
        },
    ]


@pytest.mark.parametrize(
    "partners",
    [
        [{"role": "host"}],
        [{"organisation": "甲", "branch": "370114002001", "role": "host"}],
        [{"organisation": "甲", "role": "host"}] * 2,
    ],
)
def test_a_partner_is_one_of_both_and_once(clerk, typed, sister_community, partners):
    response = clerk.post(LIST, typed | {"partners": partners})

    assert response.status_code == 400
    assert not Activity.objects.exists()


def test_partners_of_an_approved_activity_are_the_reviewers(
    clerk, reviewer, community, village_clerk
):
    activity = PlanFactory(branch=community, recorded_by=village_clerk)
    partners = {"partners": [{"organisation": "区司法局", "role": "host"}]}

    assert clerk.patch(detail(activity), partners).status_code == 400
    assert not activity.partners.exists()
    assert reviewer.patch(detail(activity), partners).status_code == 200
    assert activity.partners.count() == 1


def test_a_change_of_an_approved_activity_waits(clerk, public, community):
    activity = PlanFactory(title="原来的题目", branch=community)

    changed = clerk.patch(detail(activity), {"title": "新题目"}).json()
    again = clerk.patch(detail(activity), {"place": "新地点"}).json()

    assert changed["title"] == "原来的题目"
    assert changed["proposal"] == {"title": "新题目"}
    assert again["proposal"] == {"title": "新题目", "place": "新地点"}
    assert public.get(detail(activity)).json()["title"] == "原来的题目"


def test_a_draft_is_deleted_and_an_approved_one_is_not(clerk, community, village_clerk):
    draft = ActivityFactory(branch=community, recorded_by=village_clerk)
    approved = PlanFactory(branch=community, recorded_by=village_clerk)

    assert clerk.delete(detail(draft)).status_code == 204
    assert clerk.delete(detail(approved)).status_code == 403
    assert list(Activity.objects.all()) == [approved]


# The verbs


def test_submit_and_approve_lead_to_the_public(clerk, reviewer, public, typed):
    number = clerk.post(LIST, typed).json()["id"]
    address = f"{LIST}{number}/"

    assert clerk.post(f"{address}submit/").json()["review"] == "submitted"
    assert public.get(address).status_code == 404
    assert clerk.post(f"{address}approve/").status_code == 403
    approved = reviewer.post(f"{address}approve/")

    assert approved.status_code == 200, approved.json()
    assert approved.json()["review"] == "approved"
    assert public.get(address).json()["title"] == "秋季健康讲座"
    assert reviewer.post(f"{address}approve/").status_code == 400


def test_nobody_approves_her_own_entry(reviewer, typed):
    number = reviewer.post(LIST, typed).json()["id"]
    reviewer.post(f"{LIST}{number}/submit/")

    response = reviewer.post(f"{LIST}{number}/approve/")

    assert response.status_code == 400
    assert "另一位审核员" in str(response.json())
    assert not Activity.objects.get().approved_at


def test_a_returned_activity_says_why(clerk, reviewer, community, village_clerk):
    activity = ActivityFactory(branch=community)
    review.submit(activity, village_clerk)

    assert reviewer.post(detail(activity, "return"), {}).status_code == 400
    reviewer.post(detail(activity, "return"), {"reason": "人次有误"})

    row = clerk.get(detail(activity)).json()
    assert (row["review"], row["returned_reason"]) == ("returned", "人次有误")


def test_an_approved_activity_is_withdrawn_by_a_reviewer(
    clerk, reviewer, public, community
):
    activity = PlanFactory(branch=community)

    assert clerk.post(detail(activity, "withdraw")).status_code == 403
    assert reviewer.post(detail(activity, "withdraw")).status_code == 200
    assert public.get(detail(activity)).status_code == 404


def test_no_verb_reaches_a_foreign_activity(sister_reviewer, community, village_clerk):
    activity = ActivityFactory(branch=community)
    review.submit(activity, village_clerk)
    sister = api_of(sister_reviewer)

    for verb in ("submit", "approve", "return", "withdraw"):
        response = sister.post(detail(activity, verb), {"reason": "重复"})
        assert response.status_code == 404, verb
    assert ReviewRound.objects.get().decision == "pending"
