"""Partners by name, and doing it again."""

import uuid
from datetime import date

import pytest

from activities.models import Activity, ActivityPartner
from federation.models import ReportingMonth
from tests.activities.entry import (
    ADD,
    LIST,
    as_typed,
    change,
    sentences,
    typed,
)
from tests.factories import (
    ActivityFactory,
    BranchFactory,
    PlanFactory,
)

# Partners


def partner_rows(*rows, initial=0, **ids):
    fields = {
        "partners-TOTAL_FORMS": str(len(rows)),
        "partners-INITIAL_FORMS": str(initial),
    }
    for number, (role, name) in enumerate(rows):
        fields[f"partners-{number}-role"] = role
        fields[f"partners-{number}-name"] = name
    return fields | ids


def test_partners_are_recognised_by_name(
    clerk, community, programme, street, second_community
):
    rows = partner_rows(
        ("host", street.name),
        ("joint", f"{second_community.name}（{street.short_name}）"),
        ("co_host", "山东大学志愿服务队"),
        ("joint", ""),
    )
    clerk.post(ADD, typed(community, programme, **rows))
    assert [
        (p.role, p.branch, p.organisation) for p in ActivityPartner.objects.all()
    ] == [
        ("host", street, ""),
        ("joint", second_community, ""),
        ("co_host", None, "山东大学志愿服务队"),
    ]


def test_a_name_that_several_branches_have_is_asked_about(
    clerk, community, programme, street, sister_street
):
    for number, parent in enumerate((street, sister_street)):
        BranchFactory(
            code=f"37011400{number + 1}090", short_name="官庄村", parent=parent
        )
    rows = partner_rows(("joint", "官庄村妇联"))
    answer = clerk.post(ADD, typed(community, programme, **rows))
    assert not Activity.objects.exists()
    page = answer.content.decode()
    assert "官庄村妇联（明水街道）、官庄村妇联（双山街道）" in page


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("joint", "文化站"), ("joint", "文化站")], "这个合作单位已经填过了。"),
        ([("joint", "明二社区妇联"), ("joint", "明二社区妇联")], "已经填过了。"),
        ([("joint", "明一社区妇联")], "这是主办妇联自己"),
        ([("joint", "110105 19491231 002X")], "身份证号"),
        ([("host", "")], "请填写合作单位的名称。"),
    ],
)
def test_partners_that_make_no_sense_are_refused_at_their_row(
    clerk, community, second_community, programme, rows, sentence
):
    answer = clerk.post(ADD, typed(community, programme, **partner_rows(*rows)))
    assert not Activity.objects.exists()
    found = answer.context["partner_formset"].errors
    assert any(sentence in said for row in found for said in row.get("name", []))


def test_partners_of_an_approved_record_stay_as_they_are_for_the_clerk(
    clerk, reviewer, community, village_clerk
):
    plan = PlanFactory(branch=community, recorded_by=village_clerk)
    kept = ActivityPartner.objects.create(
        activity=plan, organisation="文化站", role="joint"
    )
    rows = partner_rows(("joint", "文化站"), ("joint", "图书馆"), initial=1)
    rows |= {"partners-0-id": kept.pk, "partners-0-DELETE": "on"}
    assert "请审核员来改" in clerk.get(change(plan)).content.decode()
    clerk.post(change(plan), as_typed(plan, **rows))
    assert list(plan.partners.all()) == [kept]
    reviewer.post(change(plan), as_typed(plan, **rows))
    assert [p.organisation for p in plan.partners.all()] == ["图书馆"]


# Again


def test_doing_it_again_fills_a_new_form(clerk, draft):
    ActivityPartner.objects.create(activity=draft, organisation="文化站", role="host")
    draft.attendance_offline = 30
    draft.save()
    page = clerk.get(f"{ADD}?again={draft.pk}")
    form = page.context["adminform"].form
    assert form["title"].value() == draft.title
    assert form["starts_on"].value() is None
    assert form["attendance_offline"].value() is None
    rows = page.context["partner_formset"].forms
    assert [row["name"].value() for row in rows] == ["文化站", None]
    assert rows[0]["role"].value() == "host"
    assert Activity.objects.count() == 1


def test_another_streets_activity_is_not_done_again(clerk, sister_community):
    foreign = ActivityFactory(branch=sister_community, title="别处的活动")
    page = clerk.get(f"{ADD}?again={foreign.pk}")
    assert "别处的活动" not in page.content.decode()


def test_repeating_makes_a_series(clerk, draft):
    address = f"{LIST}{draft.pk}/repeat/"
    token = clerk.get(address).context["form"]["token"].value()
    fields = {"rhythm": "weekly", "sessions": "3", "submit": "on", "token": token}
    for _ in range(2):
        answer = clerk.post(address, fields, follow=True)
        assert sentences(answer) == [
            "共 3 场（2026-03-15 到 2026-03-29），已提交审核。"
        ]
    assert Activity.objects.count() == 4


def test_a_series_that_is_refused_says_why(clerk, draft):
    ReportingMonth.objects.create(month=date(2026, 3, 1), status="closed", revision=1)
    address = f"{LIST}{draft.pk}/repeat/"
    fields = {"rhythm": "weekly", "sessions": "2", "token": str(uuid.uuid4())}
    answer = clerk.post(address, fields)
    assert "2026 年 3 月已" in answer.content.decode()
    assert Activity.objects.count() == 1
