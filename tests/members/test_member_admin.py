"""The register in the admin: scoped, with phones masked and out of the log."""

from datetime import date

import pytest
from auditlog.models import LogEntry

from federation.models import Disclosure
from members.models import Member, Post
from tests.factories import MemberFactory, PostFactory, TermFactory

MEMBERS = "/admin/members/member/"
POSTS = "/admin/members/post/"
PHONE, MASKED = "13812341234", "138****1234"

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(community):
    return MemberFactory(name="李秀英", branch=community, phone=PHONE)


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def text_of(answer):
    return answer.content.decode()


def page_of(row):
    return f"/admin/members/{row._meta.model_name}/{row.pk}/change/"


def answers_of(member, **changes):
    return {
        "name": member.name,
        "gender": member.gender,
        "birth_month": "",
        "branch": member.branch_id,
        "phone": member.phone,
        "purge_on": "",
        "posts-TOTAL_FORMS": 0,
        "posts-INITIAL_FORMS": 0,
        **changes,
    }


def test_phones_are_masked_in_the_list(office, member):
    page = text_of(office.get(MEMBERS))
    assert MASKED in page
    assert PHONE not in page


def test_who_keeps_the_register_sees_the_number_and_is_noted(
    office, member, street_reviewer
):
    assert f'value="{PHONE}"' in text_of(office.get(page_of(member)))
    [opened] = Disclosure.objects.all()
    assert (opened.user, opened.act) == (street_reviewer, "opened")
    assert (opened.object_id, opened.branch) == (member.pk, member.branch)


@pytest.mark.parametrize("person", ["auditor", "village_clerk"])
def test_who_only_reads_gets_the_number_masked(client, member, person, request):
    client.force_login(request.getfixturevalue(person))
    page = text_of(client.get(page_of(member)))
    assert MASKED in page
    assert PHONE not in page
    assert client.post(page_of(member), answers_of(member)).status_code == 403


def test_no_number_reaches_the_log_or_the_history(office, member):
    new_phone = "13900001111"
    answers = answers_of(member, phone=new_phone, name="李秀兰")
    assert office.post(page_of(member), answers).status_code == 302
    member.refresh_from_db()
    assert (member.name, member.phone) == ("李秀兰", new_phone)
    noted = str(list(LogEntry.objects.values()))
    history = text_of(office.get(f"{MEMBERS}{member.pk}/history/"))
    for number in (PHONE, new_phone):
        assert number not in noted
        assert number not in history


def test_the_list_shows_ones_subtree(office, member, sister_community):
    MemberFactory(name="张桂兰", branch=sister_community)
    page = text_of(office.get(MEMBERS))
    assert "李秀英" in page
    assert "张桂兰" not in page


def test_a_person_is_found_by_initials(office, member):
    MemberFactory(name="王芳", branch=member.branch)
    shown = office.get(MEMBERS, {"q": "lxy"}).context["cl"].result_list
    assert list(shown) == [member]


@pytest.mark.parametrize("words", ["李秀英", "秀英", "李", "lxy", "LX", "明一"])
def test_a_person_is_found_by_any_part_people_ask_for(office, member, words):
    MemberFactory(name="王芳", branch=member.branch.parent)

    shown = office.get(MEMBERS, {"q": words}).context["cl"].result_list

    assert list(shown) == [member]


def test_the_filter_takes_a_branch_with_everything_below(
    client, district_admin, member, street, sister_community
):
    MemberFactory(branch=sister_community)
    client.force_login(district_admin)
    page = client.get(MEMBERS, {"branch__id__exact": street.pk})
    assert list(page.context["cl"].result_list) == [member]


def test_the_filter_tells_who_is_in_post(office, member):
    former = MemberFactory(branch=member.branch)
    PostFactory(member=member)
    PostFactory(member=former, ended_on=date(2022, 1, 1), ending="resigned")
    for answer, expected in (("yes", [member]), ("no", [former])):
        page = office.get(MEMBERS, {"in_post": answer})
        assert list(page.context["cl"].result_list) == expected
    posts = office.get(POSTS, {"in_post": "yes"}).context["cl"].result_list
    assert [post.member for post in posts] == [member]


def test_a_person_is_registered_with_her_post(office, community):
    post = {"branch": community.pk, "title": "chair", "started_on": "2021-03-01"}
    answers = {
        **answers_of(Member(name="王芳", gender="female", branch=community)),
        "posts-TOTAL_FORMS": 1,
        **{f"posts-0-{name}": value for name, value in post.items()},
        "posts-0-term": "",
        "posts-0-ended_on": "",
        "posts-0-ending": "",
    }
    assert office.post(f"{MEMBERS}add/", answers).status_code == 302
    post = Post.objects.get(member__name="王芳")
    assert (post.branch, post.title) == (community, "chair")


def test_nobody_is_registered_in_a_sister_street(office, sister_community):
    answers = answers_of(Member(name="王芳", gender="female", branch=sister_community))
    page = office.post(f"{MEMBERS}add/", answers)
    assert page.context["adminform"].form.errors["branch"]
    assert not Member.objects.exists()


def test_an_id_number_is_no_name(office, community):
    member = Member(name="11010519491231002X", gender="female", branch=community)
    page = office.post(f"{MEMBERS}add/", answers_of(member))
    assert "不能填写身份证号" in text_of(page)


def test_the_rules_of_a_post_are_said_where_it_is_entered(office, community):
    post = PostFactory(member__branch=community)
    other = TermFactory()
    answers = {
        "member": post.member_id,
        "branch": community.pk,
        "term": "",
        "title": "committee",
        "started_on": "2021-03-01",
        "ended_on": "2020-01-01",
        "ending": "resigned",
    }
    page = text_of(office.post(page_of(post), answers))
    assert "卸任日期必须晚于任职日期。" in page
    page = office.post(page_of(post), {**answers, "term": other.pk})
    assert page.context["adminform"].form.errors["term"]


def test_nothing_is_deleted(office, member):
    assert office.get(f"{MEMBERS}{member.pk}/delete/").status_code == 403
    assert "delete_selected" not in text_of(office.get(MEMBERS))


def test_the_list_costs_the_same_however_long_it_is(
    office, community, django_assert_max_num_queries
):
    for _ in range(30):
        PostFactory(member__branch=community)
    for address in (MEMBERS, POSTS):
        with django_assert_max_num_queries(10):
            office.get(address)
