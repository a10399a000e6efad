"""The pages that lead through an election."""

import uuid
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from federation import lost_session
from federation.months import local_today
from members import elections
from members.models import Candidate, Election, Member, Post, Term
from tests.factories import BranchFactory, GrantFactory, MemberFactory, UserFactory
from tests.members.elections.conftest import (
    NEW,
    begun,
    committee_of,
    give_account,
    post_of,
)
from tests.permissions.forms import values_of

pytestmark = pytest.mark.django_db

ROOT = "/admin/members/election/"


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def board(election) -> str:
    return f"{ROOT}{election.pk}/change/"


def sheet(term) -> str:
    return f"{ROOT}{term.election_id}/terms/{term.pk}/"


def fill(client, address, **typed):
    """Send the form at *address* as it stands, with *typed* filled in."""
    fields = values_of(text_of(client.get(address)))
    fields.pop("csrfmiddlewaretoken", None)
    return client.post(address, fields | typed)


# Start


def test_a_street_is_started_for_all_its_villages(
    office, street, community, second_community
):
    answers = {"branch": street.pk, "covers": "whole", "elected_on": "2026-03-02"}

    answer = fill(office, f"{ROOT}add/", **answers)

    election = Election.objects.get()
    assert answer.url == board(election)
    assert election.covers_below
    assert election.terms.count() == 2


def test_the_link_of_the_progress_board_fills_the_form_in(office, street):
    form = office.get(f"{ROOT}add/?branch={street.pk}&below=1").context["form"]

    assert (form.initial["branch"], form.initial["covers"]) == (street, "whole")


@pytest.mark.parametrize(("of_itself", "covers"), [(True, "own"), (False, "whole")])
def test_a_street_begins_with_its_villages_unless_it_asked_for_itself(
    office, street, street_reviewer, of_itself, covers
):
    street_reviewer.branch = street
    street_reviewer.save()
    query = f"?branch={street.pk}" if of_itself else ""

    assert office.get(f"{ROOT}add/{query}").context["form"].initial["covers"] == covers


def test_the_start_sent_twice_starts_one(office, community):
    answers = {
        "branch": community.pk,
        "covers": "own",
        "elected_on": "2026-03-02",
        "form_key": str(uuid.uuid4()),
    }

    first, second = (office.post(f"{ROOT}add/", answers) for _ in "ab")

    term = Term.objects.get()
    assert first.url == second.url == sheet(term)  # of one village, its page
    assert Election.objects.count() == 1


def test_a_refused_start_keeps_what_was_typed(office, community, street_reviewer):
    begun(community, street_reviewer)
    answers = {"branch": community.pk, "covers": "own", "elected_on": "2026-05-06"}

    page = text_of(fill(office, f"{ROOT}add/", **answers))

    assert "明一社区妇联正在换届" in page
    assert 'value="2026-05-06"' in page


def test_nobody_starts_for_a_sister_street(office, sister_community):
    answers = {"branch": sister_community.pk, "covers": "own"}

    fill(office, f"{ROOT}add/", **answers, elected_on="2026-03-02")

    assert not Election.objects.exists()


# The board


@pytest.fixture
def whole(street, community, second_community, street_reviewer):
    committee_of(community, "李秀英", "王淑兰")
    committee_of(second_community, "周玉珍", "吴凤英")
    return begun(street, street_reviewer, covers_below=True)


def test_the_board_says_of_each_village_what_is_missing(office, whole):
    page = text_of(office.get(board(whole)))

    assert page.index("明一社区妇联") < page.index("明二社区妇联")
    assert page.count("还没有填当选人。") == 2
    assert "列候选人" in page


def test_a_street_is_filled_in_three_clicks(office, whole):
    fill(office, board(whole), _committees="1")
    fill(office, board(whole), _elect="1")
    fill(office, board(whole), method="congress", contest="equal")

    assert Candidate.objects.filter(is_elected=True).count() == 4
    assert set(whole.terms.values_list("method", "contest", "planned_on")) == {
        ("congress", "equal", NEW)
    }
    assert "✓" not in text_of(office.get(board(whole)))  # nobody counted the voters
    whole.terms.update(voters_expected=40, voters_present=38)
    assert text_of(office.get(board(whole))).count("✓ 填好了") == 2


def test_a_wrong_date_for_all_is_shown_and_changes_none(office, whole):
    page = text_of(fill(office, board(whole), planned_on="三月"))

    assert "请填写日期，如 2026-03-02。" in page
    assert set(whole.terms.values_list("planned_on", flat=True)) == {NEW}


def test_who_only_reads_sees_the_board_without_its_buttons(client, auditor, whole):
    client.force_login(auditor)
    page = text_of(client.get(board(whole)))

    assert "明一社区妇联" in page
    assert "检查并确认" not in page
    assert "填到各村" not in page


def test_the_board_costs_the_same_for_33_villages(
    office, street, street_reviewer, django_assert_max_num_queries
):
    for number in range(33):
        village = BranchFactory(code=f"370114001{number + 100}", parent=street)
        committee_of(village, f"赵玉兰{number}")
    election = begun(street, street_reviewer, covers_below=True)
    elections.take_committees(election.terms.all())

    with django_assert_max_num_queries(25):
        office.get(board(election))


# One village


@pytest.fixture
def term(community, old_term, street_reviewer):
    term = begun(community, street_reviewer).terms.select_related("election").get()
    elections.take_committees([term], [post_of("李秀英").member_id])
    return term


def test_seats_candidates_and_result_are_saved_together(office, term, community):
    li = Candidate.objects.get()
    wang = post_of("王淑兰").member_id
    zhao = MemberFactory(name="赵玉兰", branch=community)

    answer = fill(
        office,
        sheet(term),
        seats_planned="5",
        voters_expected="40",
        voters_present="38",
        committee=[wang],
        members=[zhao.pk],
        **{
            f"c{li.pk}-is_elected": "on",
            f"c{li.pk}-votes": "37",
            "new-name": "钱二妹",
            "new-birth_month": "1985.3",
            "new-education": "college",
        },
    )

    assert answer.url == sheet(term)
    term.refresh_from_db()
    assert (term.seats_planned, term.voters_present) == (5, 38)
    li.refresh_from_db()
    assert (li.is_elected, li.votes) == (True, 37)
    assert {one.person_name for one in term.candidates.all()} == {
        "李秀英",
        "王淑兰",
        "赵玉兰",
        "钱二妹",
    }
    new = term.candidates.get(name="钱二妹")
    assert (new.birth_month, new.education) == (date(1985, 3, 1), "college")


def test_a_mistake_anywhere_loses_nothing_of_the_rest(office, term):
    page = text_of(
        fill(
            office,
            sheet(term),
            seats_planned="九",
            **{"new-phone": "138", "new-occupation": "幼儿教师"},
        )
    )

    for sentence in ("请填写整数。", "手机号应为 11 位数字。", "请填写姓名"):
        assert sentence in page
    assert 'value="幼儿教师"' in page
    assert term.candidates.count() == 1


def test_a_candidate_is_taken_off_the_list(office, term):
    li = Candidate.objects.get()

    fill(office, sheet(term), **{f"c{li.pk}-remove": "on"})

    assert not term.candidates.exists()
    assert Member.objects.filter(name="李秀英").exists()


def test_more_present_than_expected_is_refused_with_its_sentence(office, term):
    answers = {"voters_expected": "30", "voters_present": "31"}

    assert "实到人数不能多于应到人数。" in text_of(fill(office, sheet(term), **answers))


def test_nobody_of_a_sister_street_is_taken_from_the_register(
    office, term, sister_community
):
    stranger = MemberFactory(branch=sister_community)

    fill(office, sheet(term), members=[stranger.pk])

    assert term.candidates.count() == 1


def test_namesakes_of_the_register_are_told_apart(office, community):
    MemberFactory(name="赵玉兰", branch=community, birth_month=date(1985, 3, 1))
    MemberFactory(name="赵玉兰", branch=community)

    found = office.get(
        "/admin/autocomplete/",
        {
            "app_label": "members",
            "model_name": "candidate",
            "field_name": "member",
            "term": "赵玉兰",
        },
    ).json()["results"]

    assert {row["text"] for row in found} == {
        "赵玉兰（明一社区，1985-03）",
        "赵玉兰（明一社区）",
    }


def test_the_next_village_follows(office, whole):
    first, second = whole.terms.select_related("election").order_by("branch__path")

    assert fill(office, sheet(first), _next="1").url == sheet(second)
    assert fill(office, sheet(second), _next="1").url == board(whole)


def test_a_page_sent_after_the_confirmation_changes_nothing(
    office, election, term_of_it, street_reviewer
):
    fields = values_of(text_of(office.get(sheet(term_of_it))))
    elections.confirm(election, street_reviewer)

    office.post(sheet(term_of_it), fields | {"seats_planned": "99"})

    term_of_it.refresh_from_db()
    assert term_of_it.seats_planned == 3


@pytest.fixture
def term_of_it(election):
    return election.terms.select_related("election").get()


def test_what_was_typed_survives_a_lost_session(client, street_reviewer, term):
    client.force_login(street_reviewer)
    fields = values_of(text_of(client.get(sheet(term))))
    client.logout()

    answer = client.post(sheet(term), fields | {"seats_planned": "9"})

    client.force_login(street_reviewer)
    (kept,) = parse_qs(urlsplit(answer.url).query)["next"]
    page = text_of(client.get(kept))
    assert 'value="9"' in page
    assert lost_session.RESTORED in page
    assert Term.objects.get(pk=term.pk).seats_planned == 3


def test_a_roster_is_read_and_what_it_refuses_is_shown(office, whole):
    rows = "村(社区),姓名,职务\n明一社区,李秀英,主席\n桃花源,武陵人,执委\n"
    file = SimpleUploadedFile("名单.csv", rows.encode())

    page = text_of(office.post(f"{ROOT}{whole.pk}/roster/", {"file": file}))

    assert "新列 1 人" in page
    assert "第 3 行" in page
    assert "组织“桃花源”不认识" in page


def test_a_file_that_is_none_is_no_error_page(office, whole):
    file = SimpleUploadedFile("名单.xlsx", b"PK\x03\x04 broken")

    answer = office.post(f"{ROOT}{whole.pk}/roster/", {"file": file})

    assert answer.status_code == 200
    assert answer.context["form"].errors


# Confirm


def test_the_last_page_shows_what_ends_and_what_begins(office, election, community):
    grant = give_account("李秀英").grant
    by_hand = UserFactory(branch=community, name="离任的人")
    Member.objects.filter(name="张桂芬").update(account=by_hand)
    GrantFactory(user=by_hand, branch=community, role="clerk")
    Candidate.objects.filter(member__name="张桂芬").delete()

    page = text_of(office.get(f"{ROOT}{election.pk}/confirm/"))

    assert "2026-03-02 届满卸任" in page
    assert f"{grant.user}" in page
    assert "到 2026-03-01" in page
    assert "不随这次换届结束的授权" in page
    assert "离任的人" in page


def test_an_error_leaves_no_button_to_confirm(office, election):
    Candidate.objects.update(title="committee")

    page = text_of(office.get(f"{ROOT}{election.pk}/confirm/"))

    assert "当选人里没有主席" in page
    assert "补上后才能确认" in page
    fill(office, f"{ROOT}{election.pk}/confirm/")
    assert not Post.objects.filter(started_on=NEW).exists()


def test_the_codes_are_shown_once(office, election):
    answer = fill(office, f"{ROOT}{election.pk}/confirm/")

    page = text_of(answer)
    (handover,) = answer.context["outcome"].handovers
    assert handover.code in page
    assert "no-store" in answer["Cache-Control"]
    assert handover.code not in text_of(office.get(board(election)))


def test_the_confirmation_sent_twice_is_done_once(office, election):
    address = f"{ROOT}{election.pk}/confirm/"
    fields = values_of(text_of(office.get(address)))

    office.post(address, fields)
    second = office.post(address, fields, follow=True)

    assert "没有重复办理" in text_of(second)
    assert Post.objects.in_post(NEW).count() == 3


def test_one_confirms_what_one_has_seen(office, election, term_of_it):
    address = f"{ROOT}{election.pk}/confirm/"
    fields = values_of(text_of(office.get(address)))
    Candidate.objects.filter(member__name="张桂芬").update(is_elected=False)

    answer = office.post(address, fields, follow=True)

    assert "这次换届又有改动" in text_of(answer)
    assert not Post.objects.filter(started_on=NEW).exists()


def test_it_is_undone_and_dropped_from_its_pages(office, election):
    fill(office, f"{ROOT}{election.pk}/confirm/")
    assert "撤销确认" in text_of(office.get(board(election)))

    office.post(f"{ROOT}{election.pk}/undo/")

    election.refresh_from_db()
    assert election.status == "undone"
    assert "检查并确认" in text_of(office.get(board(election)))
    office.post(f"{ROOT}{election.pk}/drop/")
    election.refresh_from_db()
    assert election.status == "dropped"
    assert not Candidate.objects.exists()


# Afterwards


def test_approval_is_entered_for_all_villages_at_once(office, whole, street_reviewer):
    elections.take_committees(whole.terms.all())
    elections.elect_everybody(whole)
    elections.confirm(whole, street_reviewer)
    address = f"{ROOT}{whole.pk}/documents/"

    page = text_of(fill(office, address, approval_number="章妇〔2026〕8 号"))
    assert "文号和日期要一起填写。" in page
    papers = {"approval_number": "章妇〔2026〕8 号", "approved_on": "2026-03-10"}
    fill(office, address, **papers)

    assert set(whole.terms.values_list("status", "approval_number")) == {
        ("approved", "章妇〔2026〕8 号")
    }


def test_a_by_election_fills_a_seat(office, old_term, community):
    zhao = MemberFactory(name="赵玉兰", branch=community)
    answers = {
        "vacancy": post_of("张桂芬").pk,
        "ending": "resigned",
        "elected_on": "2024-09-01",
        "member": zhao.pk,
        "title": "committee",
    }

    answer = fill(office, f"{ROOT}by-election/{old_term.pk}/", **answers)

    assert answer.status_code == 302
    assert post_of("张桂芬").ended_on == date(2024, 9, 1)
    assert post_of("赵玉兰").term == old_term


def test_a_chair_elected_in_between_gets_her_account_next(office, old_term):
    answers = {
        "vacancy": post_of("李秀英").pk,
        "ending": "transferred",
        "elected_on": "2024-09-01",
        "name": "赵玉兰",
        "title": "chair",
    }

    answer = fill(office, f"{ROOT}by-election/{old_term.pk}/", **answers)

    post = post_of("赵玉兰")
    assert answer.url == f"{ROOT}hand-over/{post.pk}/"
    page = office.post(answer.url)
    assert page.context["handover"].code in text_of(page)


def test_a_by_election_without_anybody_says_so(office, old_term):
    page = text_of(
        fill(office, f"{ROOT}by-election/{old_term.pk}/", elected_on="2024-09-01")
    )

    assert "请从名册里选一位" in page


def test_a_village_is_put_off_from_the_progress_board(office, community, old_term):
    day = local_today() + timedelta(days=200)
    address = f"{ROOT}postpone/{community.pk}/"

    fill(office, address, planned_on=day.isoformat(), note="村级换届延期")

    term = Term.objects.get(branch=community, number=2)
    assert (term.status, term.planned_on) == ("postponed", day)
