"""What an activity may not say: one sentence, the same in model, form and API."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from activities.models import Activity
from federation.models import ReportingMonth
from federation.months import local_today
from tests.activities.entry import ADD, errors, typed
from tests.factories import ActivityFactory

API = "/api/v1/activities/"
TOMORROW = (local_today() + timedelta(days=1)).isoformat()
EARLY = "活动日期还没到，不能填参加人次，也不能标为已举办。"
ID_NUMBER = "这里不能填写身份证号，请删去后再保存。"
SPACED = "１１０１０５ 19491231 002X"
NEGATIVE = "人数不能是负数，请核对。"
TOO_MANY = "人数不能超过 10 万，请核对。"
CLOSED = (
    "2026 年 3 月已结账（第 1 版），不能再改动这个月的记录。"
    "请联系区妇联办公室，由区里重新开账后再改。"
)

REFUSALS = [
    ({"ends_on": "2026-03-07"}, "ends_on", "结束日期不能早于开始日期。"),
    (
        {"starts_at": "10:00", "ends_at": "09:00"},
        "ends_at",
        "结束时间必须晚于开始时间。",
    ),
    ({"ends_at": "09:00"}, "ends_at", "结束时间必须晚于开始时间。"),
    ({"starts_on": TOMORROW, "attendance_offline": "3"}, "starts_on", EARLY),
    ({"starts_on": TOMORROW, "attendance_online": "0"}, "starts_on", EARLY),
    ({"attendance_offline": "-1"}, "attendance_offline", NEGATIVE),
    ({"attendance_online": "-1"}, "attendance_online", NEGATIVE),
    ({"children_count": "-1"}, "children_count", NEGATIVE),
    ({"attendance_offline": "100001"}, "attendance_offline", TOO_MANY),
    ({"attendance_online": "100001"}, "attendance_online", TOO_MANY),
    ({"title": "11010519491231002X 的讲座"}, "title", ID_NUMBER),
    ({"place": SPACED}, "place", ID_NUMBER),
    ({"lecturer": SPACED}, "lecturer", ID_NUMBER),
    ({"summary": f"联系人 {SPACED}"}, "summary", ID_NUMBER),
    (
        {"starts_on": "2019-12-31"},
        "starts_on",
        "明一社区妇联在 2019-12-31 尚未成立或已经撤销，请核对日期和主办妇联。",
    ),
]
NAMES = [f"{field} {list(values.values())[-1][:8]}" for values, field, _ in REFUSALS]


@pytest.fixture
def young_community(community):
    community.founded_on = date(2020, 1, 1)
    community.save()
    return community


@pytest.fixture
def clerk(client, village_clerk):
    client.force_login(village_clerk)
    return client


def without_end(values):
    """Let the end follow a moved beginning, as the form does."""
    return {"ends_on": None} | values if "starts_on" in values else values


@pytest.mark.parametrize(("values", "field", "sentence"), REFUSALS, ids=NAMES)
def test_the_model_refuses(young_community, programme, values, field, sentence):
    plain = {name: value or None for name, value in without_end(values).items()}
    activity = ActivityFactory.build(
        branch=young_community, programme=programme, recorded_by=None
    )
    for name, value in plain.items():
        model_field = Activity._meta.get_field(name)
        setattr(activity, name, model_field.to_python(value))
    with pytest.raises(ValidationError) as refusal:
        activity.full_clean()
    assert sentence in refusal.value.messages


@pytest.mark.parametrize(("values", "field", "sentence"), REFUSALS, ids=NAMES)
def test_the_form_refuses_at_the_field_and_keeps_what_was_typed(
    clerk, young_community, programme, values, field, sentence
):
    answer = clerk.post(ADD, typed(young_community, programme, **values))
    assert errors(answer) == {field: [sentence]}
    form = answer.context["adminform"].form
    for name, value in values.items():
        assert form[name].value() == value
    # A refusal inside a folded part unfolds it.
    section = next(
        (s for s in answer.context["sections"] if form[field] in s["fields"]), None
    )
    assert section is None or section["is_open"]
    assert not Activity.objects.exists()


@pytest.mark.parametrize(("values", "field", "sentence"), REFUSALS, ids=NAMES)
def test_the_api_refuses_with_the_same_sentence(
    clerk, young_community, programme, values, field, sentence
):
    fields = {
        "title": "反家庭暴力法宣讲",
        "branch": young_community.code,
        "programme": programme.slug,
        "starts_on": "2026-03-08",
    } | values
    answer = clerk.post(API, fields, content_type="application/json")
    assert answer.status_code == 400
    assert sentence in [said for found in answer.json().values() for said in found]
    assert not Activity.objects.exists()


def test_a_closed_month_is_refused_everywhere(clerk, community, programme):
    ReportingMonth.objects.create(month=date(2026, 3, 1), status="closed", revision=1)
    answer = clerk.post(ADD, typed(community, programme))
    assert errors(answer) == {"starts_on": [CLOSED]}
    fields = {
        "title": "反家庭暴力法宣讲",
        "branch": community.code,
        "programme": programme.slug,
        "starts_on": "2026-03-08",
    }
    answer = clerk.post(API, fields, content_type="application/json")
    assert answer.status_code == 400
    assert CLOSED in [said for found in answer.json().values() for said in found]
    activity = ActivityFactory.build(branch=community, programme=programme)
    with pytest.raises(ValidationError, match="2026 年 3 月已结账"):
        activity.full_clean()
    with pytest.raises(ValidationError, match="2026 年 3 月已结账"):
        activity.save()


def test_a_branch_that_was_closed_before_holds_nothing(clerk, community, programme):
    community.closed_on = date(2026, 3, 7)
    community.save()
    activity = ActivityFactory.build(branch=community, programme=programme)
    with pytest.raises(ValidationError, match="尚未成立或已经撤销"):
        activity.full_clean()
    assert "branch" in errors(clerk.post(ADD, typed(community, programme)))


def test_what_is_missing_is_asked_for(clerk, community, programme):
    fields = typed(community, programme, title="", starts_on="")
    del fields["programme"]
    answer = clerk.post(ADD, fields)
    assert errors(answer) == {
        "programme": ["请选择一个项目。"],
        "title": ["请填写活动名称。"],
        "starts_on": ["请选择活动日期。"],
    }


@pytest.mark.parametrize("typed_number", ["30", " 30 ", "３０"])
def test_numbers_as_a_phone_types_them(clerk, community, programme, typed_number):
    clerk.post(ADD, typed(community, programme, attendance_offline=typed_number))
    assert Activity.objects.get().attendance_offline == 30


@pytest.mark.parametrize("typed_number", ["30人", "1e5", "12.5", "很多"])
def test_what_is_no_number_is_asked_again(clerk, community, programme, typed_number):
    answer = clerk.post(
        ADD, typed(community, programme, attendance_offline=typed_number)
    )
    assert errors(answer) == {"attendance_offline": ["请填写整数。"]}


def test_an_audience_that_does_not_exist_is_refused(clerk, community, programme):
    answer = clerk.post(ADD, typed(community, programme, audience=["women", "men"]))
    assert errors(answer) == {"audience": ["请从列出的人群中选择。"]}
    activity = ActivityFactory.build(
        branch=community, programme=programme, audience="men"
    )
    with pytest.raises(ValidationError, match="请从列出的人群中选择"):
        activity.full_clean()
