"""What is typed into a closed month is kept as 补录／更正, approved by street and
district, and becomes a record when the month is opened again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse

from activities import review
from activities.models import Activity, ActivityPartner
from federation.months import Month, local_today
from federation.roles import Role
from rollups import closings, corrections, engine
from rollups.models import Correction
from tests.activities.entry import ADD, as_typed, change, errors, sentences, typed
from tests.conftest import staff
from tests.factories import ActivityFactory, ResultFactory
from tests.rollups.naive import own_and_total

pytestmark = pytest.mark.django_db

LAST = Month.current().previous()
DAY = LAST.first_day + timedelta(days=8)
REASON = "当时漏报，签到表 32 人"
STATE = Correction.State


@pytest.fixture
def result(community, village_clerk, programme):
    return ResultFactory(
        branch=community,
        recorded_by=village_clerk,
        programme=programme,
        starts_on=DAY,
        place="妇女之家",
    )


@pytest.fixture
def closed(result):
    engine.drain_marks()
    closings.close(LAST, None)
    return LAST


@pytest.fixture
def second_admin(district):
    return staff(district, Role.DISTRICT_ADMIN, "second_admin")


@pytest.fixture
def lecture(community, programme):
    """What the village types: a lecture of the closed month."""
    return typed(
        community, programme, starts_on=DAY.isoformat(), attendance_offline="32"
    )


@pytest.fixture
def late(clerk, closed, lecture):
    """The lecture, kept as 补录 by the village."""
    clerk.post(ADD, lecture | {"_correct": "1", "correction_reason": REASON})
    return Correction.objects.get()


def kept(client, address, fields, **more) -> Correction:
    fields = fields | {"_correct": "1", "correction_reason": REASON} | more
    answer = client.post(address, fields, follow=True)
    assert answer.status_code == 200
    correction = Correction.objects.order_by("pk").last()
    assert answer.redirect_chain[-1][0] == correction.get_absolute_url()
    return correction


def agreed(correction, street_reviewer, district_admin) -> Correction:
    if correction.state == STATE.STREET:
        corrections.approve(correction, street_reviewer)
    return corrections.approve(correction, district_admin)


# Kept from the form that was refused


def test_the_refusal_says_who_and_offers_to_keep_it(
    clerk, community, result, district_admin, lecture
):
    engine.drain_marks()
    closings.close(LAST, district_admin)

    answer = clerk.post(ADD, lecture | {"_submit": "1"})

    page = answer.content.decode()
    assert f"已由{district_admin}于 {local_today()} 结账（第 1 版）" in page
    assert "请联系区妇联办公室" in page
    assert "作为补录留下" in page
    assert 'value="反家庭暴力法宣讲"' in page
    assert not Correction.objects.exists()


def test_one_button_and_a_reason_keep_what_was_typed(
    clerk, closed, lecture, village_clerk, community
):
    correction = kept(clerk, ADD, lecture)

    assert not Activity.objects.filter(
        title="反家庭暴力法宣讲", place="妇女之家"
    ).exclude(attendance_offline=30)
    assert (correction.act, correction.state) == ("add", STATE.STREET)
    assert (correction.author, correction.branch) == (village_clerk, community)
    assert correction.month == LAST.first_day
    assert correction.values["attendance_offline"] == 32
    # Figures make it held, as they would have in the form.
    assert correction.values["happening"] == "held"
    assert correction.reason == REASON
    page = clerk.get(correction.get_absolute_url()).content.decode()
    for words in (
        "补录《反家庭暴力法宣讲》",
        "待镇街审",
        REASON,
        "线下人次",
        "<ins>32</ins>",
    ):
        assert words in page


def test_it_is_kept_once_however_often_it_is_sent(clerk, closed, lecture):
    first = kept(clerk, ADD, lecture)
    again = kept(clerk, ADD, lecture)

    assert first == again
    assert Correction.objects.count() == 1


def test_without_a_reason_nothing_is_lost(clerk, closed, lecture):
    fields = lecture | {"_correct": "1", "correction_reason": " "}
    answer = clerk.post(ADD, fields)

    page = answer.content.decode()
    assert "请写明为什么要补录或更正" in page
    assert 'value="反家庭暴力法宣讲"' in page
    assert not Correction.objects.exists()


def test_other_faults_are_mended_first(clerk, closed, lecture):
    fields = lecture | {"title": "", "_correct": "1", "correction_reason": REASON}
    answer = clerk.post(ADD, fields)

    assert errors(answer)["title"] == ["请填写活动名称。"]
    assert "先把下面标红的其他地方改好" in answer.content.decode()
    assert not Correction.objects.exists()


@pytest.mark.parametrize("reason", ["11010519491231002X 漏报", "一" * 300, "漏\x00报"])
def test_a_strange_reason_is_no_error_page(clerk, closed, lecture, reason):
    answer = clerk.post(
        ADD, lecture | {"_correct": "1", "correction_reason": reason}, follow=True
    )

    assert answer.status_code == 200
    for correction in Correction.objects.all():
        assert len(correction.reason) <= 200
        assert "11010519491231002X" not in correction.reason


def test_an_open_month_is_simply_saved(clerk, result, lecture):
    clerk.post(ADD, lecture | {"_correct": "1", "correction_reason": REASON})

    assert not Correction.objects.exists()
    assert Activity.objects.filter(attendance_offline=32).exists()


def test_partners_are_kept_too(
    clerk, closed, lecture, second_community, street_reviewer, district_admin
):
    partners = {
        "partners-TOTAL_FORMS": "2",
        "partners-0-role": "joint",
        "partners-0-name": second_community.name,
        "partners-1-role": "host",
        "partners-1-name": "司法所",
    }
    correction = kept(clerk, ADD, lecture | partners)
    page = clerk.get(correction.get_absolute_url()).content.decode()
    assert "明二社区妇联（联办）、司法所（承办）" in page

    agreed(correction, street_reviewer, district_admin)
    closings.reopen(closed, None, reason="入账")

    rows = ActivityPartner.objects.values_list("branch", "organisation", "role")
    assert set(rows) == {(second_community.pk, "", "joint"), (None, "司法所", "host")}


def test_a_change_of_a_counted_record_is_told_old_and_new(clerk, closed, result):
    fields = as_typed(result, starts_on=DAY.isoformat(), attendance_offline="33")
    refused = clerk.post(change(result), fields | {"_submit": "1"})
    assert "作为更正留下" in refused.content.decode()
    token = refused.context["late"]["token"]

    correction = kept(clerk, change(result), fields, correction_token=str(token))

    assert (correction.act, correction.object_id) == ("change", result.pk)
    page = clerk.get(correction.get_absolute_url()).content.decode()
    assert "<del>30</del> <ins>33</ins>" in page
    result.refresh_from_db()
    assert (result.attendance_offline, result.proposal) == (30, None)
    # Its own page says so.
    page = clerk.get(change(result)).content.decode()
    assert correction.get_absolute_url() in page


def test_one_waits_for_a_record_at_a_time(clerk, closed, result):
    fields = as_typed(result, starts_on=DAY.isoformat(), attendance_offline="33")
    kept(clerk, change(result), fields)
    answer = clerk.post(
        change(result),
        fields
        | {"attendance_offline": "34", "_correct": "1", "correction_reason": REASON},
    )

    assert "这条记录已有一条补录／更正在等着入账" in answer.content.decode()
    assert Correction.objects.count() == 1


def test_a_withdrawal_is_kept_as_a_correction(
    reviewer, closed, result, street_reviewer, district_admin
):
    fields = as_typed(result, starts_on=DAY.isoformat())
    refused = reviewer.post(change(result), fields | {"_withdraw": "1"})
    assert "可以把“撤回”报作更正" in refused.content.decode()

    correction = kept(reviewer, change(result), fields, correction_act="withdraw")

    assert correction.act == "withdraw"
    # She reviews the street: the district is asked at once.
    assert correction.state == STATE.DISTRICT
    agreed(correction, street_reviewer, district_admin)
    closings.reopen(closed, None, reason="重复登记")
    result.refresh_from_db()
    assert (result.review, result.approved_at) == ("withdrawn", None)
    assert result.rounds.get().decision == "withdrawn"


def test_what_was_not_approved_in_time_is_entered_as_late(
    reviewer, community, village_clerk, programme, district_admin
):
    waiting = ActivityFactory(
        branch=community,
        recorded_by=village_clerk,
        programme=programme,
        starts_on=DAY,
        happening="held",
        attendance_offline=12,
    )
    review.submit(waiting, village_clerk)
    engine.open_month(LAST)
    closings.close(LAST, None)
    fields = as_typed(
        waiting, starts_on=DAY.isoformat(), attendance_offline="12", happening="held"
    )
    refused = reviewer.post(change(waiting), fields | {"_approve": "1"})
    assert "作为补录留下" in refused.content.decode()

    correction = kept(reviewer, change(waiting), fields)
    agreed(correction, None, district_admin)
    closings.reopen(LAST, None, reason="入账")

    waiting.refresh_from_db()
    assert waiting.review == "approved"
    assert waiting.result_approved_at is not None
    decisions = list(
        waiting.rounds.order_by("number").values_list("decision", flat=True)
    )
    assert decisions == ["withdrawn", "approved"]


def test_somebody_elses_record_is_not_corrected(
    client, sister_reviewer, closed, result
):
    client.force_login(sister_reviewer)
    fields = as_typed(result, starts_on=DAY.isoformat(), attendance_offline="33")
    client.post(change(result), fields | {"_correct": "1", "correction_reason": REASON})

    assert not Correction.objects.exists()


def test_a_foreign_branch_is_not_proposed(clerk, closed, lecture, sister_community):
    fields = lecture | {"branch": sister_community.pk}
    clerk.post(ADD, fields | {"_correct": "1", "correction_reason": REASON})

    assert not Correction.objects.exists()


# Decided


def test_the_street_then_the_district_approve(late, street_reviewer, district_admin):
    corrections.approve(late, street_reviewer)
    late.refresh_from_db()
    assert (late.state, late.street_by) == (STATE.DISTRICT, street_reviewer)

    done = corrections.approve(late, district_admin)

    assert (done.state, done.label) == (STATE.APPROVED, "已通过，等重新开账")
    verbs = list(done.steps.values_list("verb", "by__username"))
    assert verbs == [
        ("submitted", "village_clerk"),
        ("street", "street_reviewer"),
        ("district", "district_admin"),
    ]


def test_nobody_decides_twice_or_her_own(
    late, street_reviewer, district_admin, second_admin, village_clerk
):
    with pytest.raises(PermissionDenied):
        corrections.approve(late, village_clerk)
    corrections.approve(late, district_admin)  # for the street, which has nobody
    with pytest.raises(ValidationError, match="另一个人"):
        corrections.approve(late, district_admin)
    with pytest.raises(ValidationError, match="等区里审核"):
        corrections.approve(late, street_reviewer)
    assert corrections.approve(late, second_admin).state == STATE.APPROVED


def test_the_streets_own_record_goes_to_the_district(
    reviewer, street, programme, closed, district_admin, street_reviewer
):
    fields = typed(street, programme, starts_on=DAY.isoformat(), attendance_offline="9")
    correction = kept(reviewer, ADD, fields)

    assert correction.state == STATE.DISTRICT
    with pytest.raises(ValidationError, match="自己报的"):
        corrections.approve(correction, street_reviewer)
    assert corrections.approve(correction, district_admin).state == STATE.APPROVED


def test_a_declined_one_says_why_and_goes_nowhere(
    late, street_reviewer, clerk, closed, village_clerk
):
    with pytest.raises(ValidationError, match="请写明理由"):
        corrections.decline(late, street_reviewer, " ")
    corrections.decline(late, street_reviewer, "没有签到表")

    page = clerk.get(late.get_absolute_url()).content.decode()
    assert "不予采纳" in page
    assert "没有签到表" in page
    closings.reopen(closed, None, reason="别的")
    assert Activity.objects.count() == 1


def test_a_returned_one_comes_back_as_the_filled_in_form(
    late, clerk, street_reviewer, lecture
):
    corrections.send_back(late, street_reviewer, "人次和签到表不符")
    again = reverse("rollups:correction_again", args=[late.pk])

    form = clerk.get(again, follow=True)

    page = form.content.decode()
    assert 'value="反家庭暴力法宣讲"' in page
    assert f'value="{REASON}"' in page
    fields = lecture | {"attendance_offline": "31", "client_token": str(late.token)}
    correction = kept(clerk, ADD, fields)
    assert correction == late
    assert (correction.state, correction.values["attendance_offline"]) == (
        STATE.STREET,
        31,
    )
    assert [step.verb for step in correction.steps.all()] == [
        "submitted",
        "returned",
        "submitted",
    ]


def test_a_returned_change_keeps_its_partners(
    clerk, closed, result, second_community, street_reviewer
):
    old = ActivityPartner.objects.create(
        activity=result, organisation="司法所", role="host"
    )
    correction = corrections.keep(
        corrections_of(
            result,
            attendance_offline=33,
            partners=[
                {"branch": second_community.pk, "organisation": "", "role": "joint"}
            ],
        ),
        result.recorded_by,
        reason=REASON,
        token=Correction().token,
    )
    corrections.send_back(correction, street_reviewer, "请核对")

    path, fields = corrections.handler_of(correction).form(correction)

    assert path == change(result)
    assert fields["partners-0-id"] == str(old.pk)
    assert fields["partners-0-DELETE"] == "on"
    assert fields["partners-1-name"] == "明二社区妇联（明水街道）"


def corrections_of(activity, *, partners=(), **values):
    from activities import corrections as late_activities

    row = Activity.objects.get(pk=activity.pk)
    for name, value in values.items():
        setattr(row, name, value)
    return late_activities.proposed(row, list(partners))


def test_the_author_takes_it_back(late, clerk, village_clerk, street_reviewer):
    clerk.post(reverse("rollups:correction_withdraw", args=[late.pk]))

    late.refresh_from_db()
    assert late.state == STATE.WITHDRAWN
    with pytest.raises(ValidationError, match="不在等审"):
        corrections.approve(late, street_reviewer)


# Entered


def test_reopening_enters_it_and_the_next_revision_has_it(
    late, closed, community, district, street_reviewer, district_admin, village_clerk
):
    agreed(late, street_reviewer, district_admin)

    assert closings.reopen(closed, district_admin, reason="补录入账") == 1

    late.refresh_from_db()
    activity = Activity.objects.get(pk=late.object_id)
    assert (activity.review, activity.attendance) == ("approved", 32)
    assert (activity.recorded_by, activity.client_token) == (village_clerk, late.token)
    decided = activity.rounds.get()
    assert (decided.author, decided.reviewer, decided.releaser) == (
        village_clerk,
        street_reviewer,
        district_admin,
    )
    assert decided.reason == f"补录：{REASON}"
    assert late.label == "已入账，等结账"
    revision = closings.close(closed, district_admin)
    late.refresh_from_db()
    assert (late.revision, late.label) == (revision, "已入第 2 版")
    assert own_and_total("activities.attendance", district, closed) == (0, 62)


def test_only_what_the_opened_branch_has_is_entered(
    late, closed, community, sister_street, street_reviewer, district_admin
):
    agreed(late, street_reviewer, district_admin)
    until = local_today() + timedelta(days=3)

    assert not closings.reopen(
        closed, None, reason="双山漏报", branch=sister_street, until=until
    )
    late.refresh_from_db()
    assert (late.state, late.problem) == (STATE.APPROVED, "")

    assert (
        closings.reopen(closed, None, reason="明一漏报", branch=community, until=until)
        == 1
    )


def test_what_is_approved_while_the_month_is_open_goes_in_at_once(
    late, closed, street_reviewer, district_admin
):
    corrections.approve(late, street_reviewer)
    closings.reopen(closed, None, reason="补录入账")

    assert corrections.approve(late, district_admin).state == STATE.ENTERED


def test_entering_again_changes_nothing(late, closed, street_reviewer, district_admin):
    agreed(late, street_reviewer, district_admin)
    closings.reopen(closed, None, reason="补录入账")
    stale = Correction.objects.get()
    stale.state = STATE.APPROVED

    assert not corrections.enter(stale)
    assert corrections.enter_waiting() == 0
    assert Activity.objects.count() == 2


def test_a_record_that_changed_meanwhile_is_not_written_over(
    clerk, closed, result, street_reviewer, district_admin, late, reviewer
):
    fields = as_typed(result, starts_on=DAY.isoformat(), attendance_offline="33")
    correction = kept(clerk, change(result), fields)
    corrections.approve(correction, street_reviewer)
    agreed(late, street_reviewer, district_admin)
    closings.reopen(closed, None, reason="先改一处")
    Activity.objects.filter(pk=result.pk).update(attendance_offline=40)

    held_up = corrections.approve(correction, district_admin)

    assert held_up.state == STATE.APPROVED
    assert "以后又改动过（线下人次）" in held_up.problem
    page = clerk.get(correction.get_absolute_url()).content.decode()
    assert "没能入账：这条活动在报更正以后又改动过" in page
    corrections.enter_waiting()
    assert held_up.steps.filter(verb="held_up").count() == 1
    # It held up no other.
    late.refresh_from_db()
    assert late.state == STATE.ENTERED
    result.refresh_from_db()
    assert result.attendance_offline == 40


def test_a_change_elsewhere_in_the_record_stays(
    clerk, closed, result, street_reviewer, district_admin
):
    fields = as_typed(result, starts_on=DAY.isoformat(), attendance_offline="33")
    correction = kept(clerk, change(result), fields)
    corrections.approve(correction, street_reviewer)
    closings.reopen(closed, None, reason="先改一处")
    Activity.objects.filter(pk=result.pk).update(place="文化广场")

    assert corrections.approve(correction, district_admin).state == STATE.ENTERED
    result.refresh_from_db()
    assert (result.attendance_offline, result.place) == (33, "文化广场")


def test_a_deleted_record_is_said(
    clerk, closed, result, street_reviewer, district_admin
):
    fields = as_typed(result, starts_on=DAY.isoformat(), attendance_offline="33")
    correction = kept(clerk, change(result), fields)
    corrections.approve(correction, street_reviewer)
    closings.reopen(closed, None, reason="先删一条")
    result.delete()

    assert "已经删除" in corrections.approve(correction, district_admin).problem


def test_a_move_into_another_closed_month_waits_for_both(
    clerk, closed, result, street_reviewer, district_admin
):
    earlier = LAST.previous()
    engine.open_month(earlier)
    closings.close(earlier, None)
    day = earlier.first_day + timedelta(days=3)
    fields = as_typed(result, starts_on=day.isoformat(), attendance_offline="30")
    correction = kept(clerk, change(result), fields)
    assert correction.month == earlier.first_day
    agreed(correction, street_reviewer, district_admin)

    closings.reopen(earlier, None, reason="改日期")
    correction.refresh_from_db()
    assert f"{LAST.label}已于" in correction.problem
    closings.reopen(LAST, None, reason="改日期")
    assert corrections.enter_waiting() == 1


def test_a_writer_still_cannot_write(closed, result):
    result.is_for_correction = True
    result.full_clean()

    with pytest.raises(ValidationError, match="结账"), transaction.atomic():
        result.save()


# Seen


def test_the_first_page_tells_whose_turn_it_is(
    late, clerk, reviewer, street_reviewer, district_admin
):
    def said(client) -> str:
        return client.get("/admin/").content.decode()

    office = Client()
    office.force_login(district_admin)
    assert "我报的补录／更正" in said(clerk)
    assert "补录／更正待审" in said(reviewer)
    corrections.approve(late, street_reviewer)
    assert "补录／更正待审" not in said(reviewer)
    assert "补录／更正待审" in said(office)
    corrections.approve(late, district_admin)
    assert "补录／更正等重新开账" in said(office)
    late.refresh_from_db()


def test_the_month_page_and_the_list_show_what_waits(
    late, clerk, street_reviewer, district_admin, client, sister_reviewer
):
    page = clerk.get(f"/rollups/months/{LAST}/").content.decode()
    assert "有 1 条还在审" in page
    agreed(late, street_reviewer, district_admin)
    page = clerk.get(f"/rollups/months/{LAST}/").content.decode()
    assert "有 1 条补录／更正等着入账" in page
    assert (
        "补录《反家庭暴力法宣讲》"
        in clerk.get("/rollups/corrections/").content.decode()
    )
    other = Client()
    other.force_login(sister_reviewer)
    assert "补录《" not in other.get("/rollups/corrections/?state=all").content.decode()
    assert other.get(late.get_absolute_url()).status_code == 404
    assert (
        "补录／更正等着" not in other.get(f"/rollups/months/{LAST}/").content.decode()
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?state=street", 200),
        ("?state=x", 404),
        ("?month=2026-13", 404),
        ("?page=x", 404),
    ],
)
def test_the_list_takes_what_it_knows(late, clerk, query, status):
    assert clerk.get(f"/rollups/corrections/{query}").status_code == status


def test_a_key_no_database_holds_is_not_found(late, clerk):
    assert clerk.get(f"/rollups/corrections/{10**30}/").status_code == 404


def test_buttons_of_the_page(late, reviewer, district_admin):
    page = reviewer.get(late.get_absolute_url()).content.decode()
    assert "镇街审核" in page
    answer = reviewer.post(
        reverse("rollups:correction_approve", args=[late.pk]), follow=True
    )
    assert sentences(answer) == ["补录《反家庭暴力法宣讲》已通过（待区审）。"]
    answer = reviewer.post(
        reverse("rollups:correction_approve", args=[late.pk]), follow=True
    )
    assert sentences(answer) == ["等区里审核。"]
    office = Client()
    office.force_login(district_admin)
    answer = office.post(
        reverse("rollups:correction_return", args=[late.pk]),
        {"reason": "请附签到表"},
        follow=True,
    )
    assert "已退回，填报人会看到理由" in sentences(answer)[0]


def test_pages_cost_the_same_however_many_there_are(
    clerk, reviewer, closed, community, programme, django_assert_max_num_queries
):
    for number in range(12):
        kept(
            clerk,
            ADD,
            typed(
                community, programme, title=f"漏报 {number}", starts_on=DAY.isoformat()
            ),
        )
    with django_assert_max_num_queries(10):
        reviewer.get("/rollups/corrections/")
    with django_assert_max_num_queries(10):
        reviewer.get(Correction.objects.first().get_absolute_url())
