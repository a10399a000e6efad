"""The staff's form: entered in under a minute, nothing typed twice, nothing lost."""

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client

from activities import review
from activities.admin import activity as activity_admin
from activities.models import Activity, ActivityPartner
from federation.models import ReportingMonth
from federation.months import local_today
from federation.roles import Role
from tests.activities.entry import ADD, LIST, change, errors, sentences, typed
from tests.conftest import staff
from tests.factories import (
    ActivityFactory,
    BranchFactory,
    GrantFactory,
    PlanFactory,
    ProgrammeFactory,
    ResultFactory,
)

Review = Activity.Review
Happening = Activity.Happening


@pytest.fixture
def clerk(client, village_clerk, programme):
    client.force_login(village_clerk)
    return client


@pytest.fixture
def reviewer(street_reviewer):
    client = Client()
    client.force_login(street_reviewer)
    return client


@pytest.fixture
def draft(community, village_clerk, programme):
    return ActivityFactory(
        branch=community,
        recorded_by=village_clerk,
        programme=programme,
        place="妇女之家",
    )


def as_typed(activity, **values):
    """Return what the form of *activity* sends."""
    return typed(activity.branch, activity.programme, client_token=None, **values)


# What she finds


def test_the_six_inputs_are_open_and_the_rest_is_folded(clerk):
    page = clerk.get(ADD).content.decode()
    opened = page[: page.index('class="entry-folds"')]
    for name in ("programme", "title", "starts_on", "place"):
        assert f'name="{name}"' in opened
    assert 'name="attendance_offline"' in opened
    assert 'name="attendance_online"' in opened
    folded = page[page.index('class="entry-folds"') :]
    for name in ("kind", "format", "branch", "visibility", "happening", "audience"):
        assert f'name="{name}"' in folded
        assert f'name="{name}"' not in opened
    assert "<details open" not in page


def test_the_phone_gets_its_own_keyboards_and_pickers(clerk):
    form = clerk.get(ADD).context["adminform"].form
    assert 'type="date"' in str(form["starts_on"])
    assert 'type="time"' in str(form["starts_at"])
    assert 'inputmode="numeric"' in str(form["attendance_offline"])
    page = clerk.get(ADD).content.decode()
    assert "calendar.js" not in page  # Django's own widget
    assert "存草稿" in page
    assert "提交审核" in page


def test_branch_last_programme_and_kind_are_filled_in(clerk, draft, community):
    other = ProgrammeFactory(slug="law", name="法进万家")
    ActivityFactory(
        branch=community, recorded_by=draft.recorded_by, programme=other, kind="law"
    )
    shown = clerk.get(ADD).context
    form = shown["adminform"].form
    assert form["programme"].value() == other.pk
    assert form["kind"].value() == "law"
    assert form["branch"].value() == community.pk
    assert [chip.name for chip in shown["chips"]] == ["法进万家", "基层日常活动"]
    assert shown["places"] == ["妇女之家"]


def test_a_new_account_is_offered_what_her_branch_did(client, draft, community):
    client.force_login(staff(community, Role.CLERK, "new_clerk"))
    form = client.get(ADD).context["adminform"].form
    assert form["programme"].value() == draft.programme_id


def test_branches_that_are_not_hers_or_closed_are_not_offered(
    reviewer, street, community, second_community, sister_community
):
    second_community.closed_on = date(2025, 1, 1)
    second_community.save()
    form = reviewer.get(ADD).context["adminform"].form
    offered = list(form.fields["branch"].queryset)
    assert offered == [street, community]


def test_the_whole_form_costs_a_constant_number_of_queries(
    clerk, draft, django_assert_max_num_queries
):
    clerk.get(ADD)
    with django_assert_max_num_queries(16):
        clerk.get(ADD)


# Saving


def test_a_draft_is_saved(clerk, community, programme, village_clerk):
    answer = clerk.post(ADD, typed(community, programme, _draft=""), follow=True)
    saved = Activity.objects.get()
    assert saved.review == Review.DRAFT
    assert saved.recorded_by == village_clerk
    assert saved.starts_on == saved.ends_on == date(2026, 3, 8)
    assert answer.redirect_chain[-1][0] == f"{change(saved)}?saved=1"
    assert sentences(answer) == ["草稿已保存，还没有提交。填好后请点“提交审核”。"]


def test_it_is_submitted_with_the_other_button(clerk, community, programme):
    answer = clerk.post(ADD, typed(community, programme, _submit=""), follow=True)
    assert Activity.objects.get().review == Review.SUBMITTED
    assert sentences(answer)[0].startswith("已提交审核")


def test_every_field_is_kept(clerk, community, programme):
    clerk.post(
        ADD,
        typed(
            community,
            programme,
            ends_on="2026-03-09",
            starts_at="09:30",
            ends_at="11:00",
            attendance_offline="30",
            attendance_online="5",
            format="both",
            audience=["families", "women"],
            lecturer="李律师",
            children_count="3",
            view_count="120",
            count_method="sheet",
            summary="以案说法。",
            visibility="internal",
        ),
    )
    saved = Activity.objects.get()
    assert saved.ends_on == date(2026, 3, 9)
    assert f"{saved.starts_at:%H:%M}–{saved.ends_at:%H:%M}" == "09:30–11:00"
    assert (saved.attendance, saved.view_count, saved.children_count) == (35, 120, 3)
    assert saved.audience == "families,women"
    assert (saved.lecturer, saved.summary) == ("李律师", "以案说法。")
    assert (saved.format, saved.visibility) == ("both", "internal")
    assert saved.count_method == "sheet"


@pytest.mark.parametrize(
    ("days", "people", "said", "expected"),
    [
        (-3, "30", Happening.PLANNED, Happening.HELD),
        (0, "30", Happening.PLANNED, Happening.HELD),
        (-3, "0", Happening.PLANNED, Happening.HELD),
        (-3, "", Happening.PLANNED, Happening.PLANNED),
        (-3, "", Happening.HELD, Happening.HELD),
        (3, "", Happening.PLANNED, Happening.PLANNED),
        (3, "", Happening.HELD, Happening.PLANNED),
        (3, "", Happening.CANCELLED, Happening.CANCELLED),
        (-3, "30", Happening.CANCELLED, Happening.CANCELLED),
        (-3, "", Happening.POSTPONED, Happening.POSTPONED),
    ],
)
def test_what_happened_follows_from_the_date_and_the_figures(
    clerk, community, programme, days, people, said, expected
):
    day = local_today() + timedelta(days=days)
    clerk.post(
        ADD,
        typed(
            community,
            programme,
            starts_on=day.isoformat(),
            attendance_offline=people,
            happening=said,
        ),
    )
    assert Activity.objects.get().happening == expected


def test_moving_a_one_day_activity_takes_one_date(clerk, draft):
    form = clerk.get(change(draft)).context["adminform"].form
    assert form["ends_on"].value() is None
    clerk.post(change(draft), as_typed(draft, starts_on="2026-03-10"))
    draft.refresh_from_db()
    assert draft.starts_on == draft.ends_on == date(2026, 3, 10)


def test_a_resembling_entry_is_told_and_kept(clerk, draft):
    fields = typed(draft.branch, draft.programme)
    answer = clerk.post(ADD, fields, follow=True)
    assert Activity.objects.count() == 2
    assert sentences(answer)[1].startswith(
        "疑似重复：同一天、同一地点、同一项目已有《反家庭暴力法宣讲》"
    )


# Sent twice


def test_sent_twice_it_is_one_activity(clerk, community, programme):
    fields = typed(community, programme, _submit="", attendance_offline="12")
    clerk.post(ADD, fields)
    answer = clerk.post(ADD, fields, follow=True)
    saved = Activity.objects.get()
    assert saved.rounds.count() == 1
    assert answer.redirect_chain[-1][0] == f"{change(saved)}?saved=1"
    assert sentences(answer)[-1] == "这条活动已经保存过了，没有重复登记。"


def test_a_draft_sent_again_with_the_other_button_is_submitted(
    clerk, community, programme
):
    fields = typed(community, programme)
    clerk.post(ADD, fields | {"_draft": ""})
    clerk.post(ADD, fields | {"_submit": ""})
    assert Activity.objects.get().review == Review.SUBMITTED


def test_sent_again_with_other_words_both_are_there(clerk, community, programme):
    fields = typed(
        community,
        programme,
        **{
            "partners-TOTAL_FORMS": "1",
            "partners-0-role": "joint",
            "partners-0-name": "文化站",
        },
    )
    clerk.post(ADD, fields)
    answer = clerk.post(ADD, fields | {"title": "改了的名称"}, follow=True)
    saved = Activity.objects.get()
    assert saved.title == "反家庭暴力法宣讲"
    form = answer.context["adminform"].form
    assert form["title"].value() == "改了的名称"
    assert "与已保存的不同" in sentences(answer)[-1]
    # Saved from there, it changes the record and repeats no partner.
    partner = saved.partners.get()
    clerk.post(
        change(saved),
        as_typed(
            saved,
            title="改了的名称",
            **{
                "partners-TOTAL_FORMS": "1",
                "partners-INITIAL_FORMS": "1",
                "partners-0-id": partner.pk,
                "partners-0-activity": saved.pk,
                "partners-0-role": "joint",
                "partners-0-name": "文化站",
            },
        ),
    )
    saved.refresh_from_db()
    assert saved.title == "改了的名称"
    assert saved.partners.count() == 1


def test_two_that_arrive_at_once_are_one_activity(
    clerk, community, programme, monkeypatch
):
    """The first look finds nothing, because the other one is not saved yet."""
    fields = typed(community, programme)
    first_look = activity_admin.ActivityAdmin._answer_sent_before
    looks = []

    def blind_at_first(self, request):
        looks.append(1)
        if len(looks) == 1:
            Client_of_the_other(fields, community, request.user)
            return None
        return first_look(self, request)

    monkeypatch.setattr(
        activity_admin.ActivityAdmin, "_answer_sent_before", blind_at_first
    )
    answer = clerk.post(ADD, fields, follow=True)
    assert len(looks) == 2
    assert Activity.objects.count() == 1
    assert sentences(answer) == ["这条活动已经保存过了，没有重复登记。"]


def Client_of_the_other(fields, community, user):  # noqa: N802
    ActivityFactory(
        branch=community,
        recorded_by=user,
        place="妇女之家",
        client_token=uuid.UUID(fields["client_token"]),
        programme_id=fields["programme"],
    )


def test_a_form_left_open_by_somebody_else_makes_a_record_of_its_own(
    clerk, community, programme, reviewer
):
    fields = typed(community, programme)
    reviewer.post(ADD, fields)
    clerk.post(ADD, fields)
    assert Activity.objects.count() == 2


# Approved records


def test_of_an_approved_record_she_sees_what_waits(clerk, community, village_clerk):
    result = ResultFactory(branch=community, recorded_by=village_clerk)
    clerk.post(
        change(result),
        as_typed(result, attendance_offline="99", happening="held", _submit=""),
    )
    result.refresh_from_db()
    assert result.attendance_offline == 30
    page = clerk.get(change(result))
    assert page.context["adminform"].form["attendance_offline"].value() == 99
    assert {d["label"]: (d["old"], d["new"]) for d in page.context["differences"]} == {
        "线下人次": ("30", "99"),
        "线上人次": ("0", "（空）"),
        "地点": ("（空）", "妇女之家"),
    }
    assert "公开和计数的仍是原来的内容" in page.content.decode()


def test_a_reviewers_save_of_an_approved_record_takes_effect(
    reviewer, community, village_clerk
):
    result = ResultFactory(branch=community, recorded_by=village_clerk)
    answer = reviewer.post(
        change(result),
        as_typed(result, attendance_offline="31", happening="held", _draft=""),
        follow=True,
    )
    result.refresh_from_db()
    assert result.attendance_offline == 31
    assert sentences(answer) == ["已保存，立即生效。"]


# Deciding


@pytest.fixture
def submitted(draft, village_clerk):
    review.submit(draft, village_clerk)
    return draft


def seen(activity):
    return {"seen": review.seen_mark(activity)}


def test_the_reviewer_finds_both_buttons_and_the_reasons(reviewer, submitted):
    page = reviewer.get(change(submitted)).content.decode()
    for words in (">通过<", "退回给录入人", *review.RETURN_REASONS):
        assert words in page
    assert ">提交审核<" not in page


def test_the_clerk_finds_neither(clerk, submitted):
    page = clerk.get(change(submitted)).content.decode()
    assert 'name="_approve"' not in page
    assert 'name="_return"' not in page


def test_approved_from_the_form(reviewer, submitted):
    fields = as_typed(submitted, _approve="", **seen(submitted))
    answer = reviewer.post(change(submitted), fields, follow=True)
    submitted.refresh_from_db()
    assert submitted.review == Review.APPROVED
    assert submitted.rounds.count() == 1
    assert sentences(answer) == ["已通过《反家庭暴力法宣讲》。"]
    assert answer.redirect_chain[-1][0] == f"{LIST}?review__exact=submitted"


def test_corrected_and_approved_in_one_step(reviewer, submitted, village_clerk):
    fields = as_typed(submitted, title="更正", _approve="", **seen(submitted))
    reviewer.post(change(submitted), fields)
    submitted.refresh_from_db()
    assert (submitted.review, submitted.title) == (Review.APPROVED, "更正")
    assert submitted.rounds.get().author == village_clerk


def test_returned_with_the_offered_reasons(reviewer, submitted):
    fields = {"_return": "", "reasons": ["人次有误", "重复"], "reason": "请看签到表"}
    reviewer.post(change(submitted), fields | seen(submitted))
    submitted.refresh_from_db()
    assert submitted.review == Review.RETURNED
    assert submitted.rounds.get().reason == "人次有误；重复；请看签到表"


def test_returning_without_a_reason_says_so_and_keeps_what_was_typed(
    reviewer, submitted
):
    fields = as_typed(submitted, title="改了一半", _return="", **seen(submitted))
    answer = reviewer.post(change(submitted), fields)
    assert errors(answer)["__all__"] == ["请写明退回的理由，方便对方修改。"]
    assert answer.context["adminform"].form["title"].value() == "改了一半"
    submitted.refresh_from_db()
    assert submitted.review == Review.SUBMITTED


def test_the_clerk_sees_the_reason(clerk, submitted, street_reviewer):
    review.send_back(submitted, street_reviewer, "人次有误")
    page = clerk.get(change(submitted)).content.decode()
    assert "人次有误" in page
    assert "改好以后再点“提交审核”" in page


def test_what_changed_meanwhile_is_not_approved_unseen(
    reviewer, submitted, village_clerk
):
    before = seen(submitted)
    review.save(submitted.__class__.objects.get(), village_clerk)
    newer = Activity.objects.get()
    newer.title = "改了名称"
    review.save(newer, village_clerk, submit=True)
    fields = as_typed(submitted, _approve="", **before)
    answer = reviewer.post(change(submitted), fields)
    assert "打开页面之后" in errors(answer)["__all__"][0]
    submitted.refresh_from_db()
    assert submitted.review == Review.SUBMITTED
    assert submitted.title == "改了名称"


def test_her_own_entry_has_no_approve_button_and_takes_no_approval(
    reviewer, street, street_reviewer, programme
):
    own = ActivityFactory(branch=street, recorded_by=street_reviewer)
    review.submit(own, street_reviewer)
    page = reviewer.get(change(own)).content.decode()
    assert 'name="_approve"' not in page
    assert "由另一位审核员审核" in page
    answer = reviewer.post(change(own), as_typed(own, place="", _approve=""))
    assert any("另一位审核员" in e for e in errors(answer)["__all__"])
    own.refresh_from_db()
    assert own.review != Review.APPROVED


def test_a_clerk_cannot_send_an_approval_by_hand(clerk, submitted):
    fields = as_typed(submitted, place=submitted.place)
    assert clerk.post(change(submitted), fields | {"_approve": ""}).status_code == 403
    assert clerk.post(change(submitted), {"_return": "x"}).status_code == 403
    submitted.refresh_from_db()
    assert submitted.review == Review.SUBMITTED


def test_withdrawn_from_the_form(clerk, submitted):
    clerk.post(change(submitted), {"_withdraw": ""})
    submitted.refresh_from_db()
    assert submitted.review == Review.WITHDRAWN


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


# Deleting


def test_her_own_draft_is_deleted(clerk, draft):
    assert "删除草稿" in clerk.get(change(draft)).content.decode()
    clerk.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    assert not Activity.objects.exists()


def test_what_was_approved_is_not_deleted(clerk, community, village_clerk):
    plan = PlanFactory(branch=community, recorded_by=village_clerk)
    answer = clerk.post(f"{LIST}{plan.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert Activity.objects.exists()


def test_the_list_has_no_delete_action(reviewer, draft):
    reviewer.post(
        LIST,
        {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"},
    )
    assert Activity.objects.exists()


# Somebody who may only look, and somebody who may not even that


def test_an_auditor_reads_the_form_and_sends_nothing(client, auditor, draft):
    client.force_login(auditor)
    page = client.get(change(draft)).content.decode()
    assert 'value="反家庭暴力法宣讲"' in page
    assert '<fieldset class="entry-plain" disabled>' in page
    assert 'name="_submit"' not in page
    assert client.post(change(draft), as_typed(draft)).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_sister_streets_reviewer_does_not_find_it(client, sister_reviewer, draft):
    client.force_login(sister_reviewer)
    answer = client.get(change(draft), follow=True)
    assert "反家庭暴力法宣讲" not in answer.content.decode()
    client.post(change(draft), as_typed(draft, title="改名"))
    draft.refresh_from_db()
    assert draft.title == "反家庭暴力法宣讲"
    assert client.get(f"{LIST}{draft.pk}/history/").status_code == 302
    assert client.get(f"{LIST}{draft.pk}/repeat/").status_code == 404


def test_another_branchs_key_in_the_body_is_refused(
    clerk, programme, sister_community, draft
):
    answer = clerk.post(ADD, typed(sister_community, programme))
    assert errors(answer)["branch"] == ["您不能为这个妇联组织录入活动，请另选一个。"]
    clerk.post(change(draft), as_typed(draft) | {"branch": sister_community.pk})
    draft.refresh_from_db()
    assert draft.branch != sister_community
    assert Activity.objects.count() == 1


def test_two_grants_are_not_multiplied(client, community, sister_community, programme):
    user = staff(community, Role.CLERK, "two_grants")
    GrantFactory(user=user, branch=sister_community, role=Role.AUDITOR)
    client.force_login(user)
    foreign = ActivityFactory(branch=sister_community)
    assert client.get(change(foreign)).status_code == 200
    assert client.post(change(foreign), as_typed(foreign)).status_code == 403
    answer = client.post(ADD, typed(sister_community, programme))
    assert "branch" in errors(answer)


def test_the_history_tells_in_words_who_changed_what(
    clerk, reviewer, community, programme, sister_reviewer
):
    fields = typed(community, programme, audience=["women"])
    clerk.post(ADD, fields)
    saved = Activity.objects.get()
    reviewer.post(change(saved), as_typed(saved, kind="health", audience=["women"]))
    address = f"{LIST}{saved.pk}/history/"
    newest, first = clerk.get(address).context["audit_entries"]()
    assert newest["changes"] == [
        {"label": "类型", "old": "普法宣讲", "new": "健康服务"}
    ]
    told = {one["label"]: one["new"] for one in first["changes"]}
    assert told["主办妇联"] == "明一社区妇联"
    assert told["项目"] == "基层日常活动"
    assert told["面向人群"] == "妇女"
    page = clerk.get(address).content.decode()
    assert "健康服务" in page
    clerk.force_login(sister_reviewer)
    assert clerk.get(address).status_code == 302
