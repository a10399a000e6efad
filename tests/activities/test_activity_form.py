"""The staff's form: entered in under a minute, nothing typed twice, nothing lost."""

import uuid
from datetime import date, timedelta

import pytest

from activities.admin import activity as activity_admin
from activities.models import Activity
from federation.months import local_today
from federation.roles import Role
from tests.activities.entry import (
    ADD,
    as_typed,
    change,
    sentences,
    typed,
)
from tests.conftest import staff
from tests.factories import (
    ActivityFactory,
    ProgrammeFactory,
    ResultFactory,
)

Review = Activity.Review
Happening = Activity.Happening


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


def test_at_first_it_is_an_everyday_activity(clerk, programme):
    shown = clerk.get(ADD).context
    assert shown["adminform"].form["programme"].value() == programme.pk
    assert [chip.is_chosen for chip in shown["chips"]] == [True]


def test_a_programme_that_ended_is_not_filled_in(clerk, draft, programme):
    ended = ProgrammeFactory(slug="ended", name="去年的行动", is_active=False)
    ActivityFactory(branch=draft.branch, recorded_by=draft.recorded_by, programme=ended)
    page = clerk.get(ADD)
    assert page.context["adminform"].form["programme"].value() == programme.pk
    assert "去年的行动" not in page.content.decode()


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
    assert sentences(answer)[0] == "草稿已保存，还没有提交。填好后请点“提交审核”。"


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
    fields = typed(draft.branch, draft.programme, title="普法宣讲")
    answer = clerk.post(ADD, fields, follow=True)
    assert Activity.objects.count() == 2
    assert sentences(answer)[-1].startswith(
        "疑似重复：同一天、同一地点、同一项目已有《反家庭暴力法宣讲》"
    )


def test_what_looks_wrong_is_hinted_and_kept(clerk, draft):
    answer = clerk.post(ADD, typed(draft.branch, draft.programme), follow=True)
    assert Activity.objects.count() == 2
    repeated, late = sentences(answer)[1:]
    assert repeated.startswith("重复填报？本组织同一天已有同名的活动")
    assert late.startswith("日期久远？活动过了")
    assert late.endswith("没有错就不用改。")


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
    assert sentences(answer)[0] == "已保存，立即生效。"
