"""The form of a reviewer, and what each may do with a record."""

import pytest

from activities import review
from activities.models import Activity
from federation.roles import Role
from tests.activities.entry import (
    ADD,
    LIST,
    as_typed,
    change,
    errors,
    sentences,
    typed,
)
from tests.conftest import staff
from tests.factories import (
    ActivityFactory,
    GrantFactory,
    PlanFactory,
)

Review = Activity.Review


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
    assert answer.redirect_chain[-1][0] == f"{LIST}queue/?after={submitted.pk}"


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
