"""A committee on any day, and a branch's terms one after another."""

from datetime import date

import pytest

from members import committees
from members.models import Term
from tests.factories import MemberFactory, PostFactory, TermFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/members/post/committee/"


@pytest.fixture
def history(community):
    """Two terms; the chair of the second resigned and was followed by another."""
    first = TermFactory(
        branch=community,
        number=11,
        elected_on=date(2016, 3, 1),
        due_on=date(2021, 3, 1),
    )
    second = TermFactory(branch=community, number=12, elected_on=date(2021, 3, 1))
    li, wang, zhao = (
        MemberFactory(name=name, branch=community)
        for name in ("李秀英", "王淑兰", "赵玉芝")
    )
    PostFactory(
        member=li,
        term=first,
        title="chair",
        started_on=date(2016, 3, 1),
        ended_on=date(2021, 3, 1),
        ending="term_over",
    )
    PostFactory(
        member=wang,
        term=second,
        title="chair",
        ended_on=date(2023, 7, 1),
        ending="transferred",
    )
    PostFactory(member=zhao, term=second, title="committee")
    PostFactory(member=li, term=second, title="chair", started_on=date(2023, 7, 1))
    return community


@pytest.mark.parametrize(
    ("on", "names"),
    [
        (date(2016, 2, 29), []),
        (date(2021, 2, 28), ["李秀英"]),
        (date(2021, 3, 1), ["王淑兰", "赵玉芝"]),
        (date(2023, 6, 30), ["王淑兰", "赵玉芝"]),
        (date(2023, 7, 1), ["李秀英", "赵玉芝"]),
    ],
)
def test_the_committee_on_a_day(history, on, names):
    posts = committees.committee_on(history, on)

    assert [post.member.name for post in posts] == names


def test_the_terms_one_after_another(history):
    TermFactory(
        branch=history,
        number=13,
        status=Term.Status.PREPARING,
        elected_on=None,
        due_on=None,
    )

    newest, oldest = committees.terms_of(history, date(2021, 2, 28))

    assert (newest.term.number, newest.until, newest.chairs) == (
        12,
        None,
        ["王淑兰", "李秀英"],
    )
    assert (oldest.until, oldest.people) == (date(2021, 3, 1), 1)
    assert (newest.is_shown, oldest.is_shown) == (False, True)
    assert newest.people == 3


def test_the_page_shows_a_day_in_the_past(client, village_clerk, history):
    client.force_login(village_clerk)

    answer = client.get(PAGE, {"branch": history.pk, "on": "2022-01-01"})

    page = answer.content.decode()
    assert "王淑兰" in page
    assert "2022 年 1 月 1 日在任（2 人）" in page
    assert "主席：王淑兰、李秀英" in page


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31", "32", "２０２２-01-01"])
def test_whatever_day_is_typed_is_answered(client, village_clerk, history, on):
    client.force_login(village_clerk)

    assert client.get(PAGE, {"branch": history.pk, "on": on}).status_code == 200


def test_a_sister_street_is_not_shown(client, sister_reviewer, history):
    client.force_login(sister_reviewer)

    page = client.get(PAGE, {"branch": history.pk}).content.decode()

    assert "李秀英" not in page


def test_the_branch_page_of_the_staff_shows_its_terms(client, village_clerk, history):
    client.force_login(village_clerk)

    page = client.get(f"/admin/federation/branch/{history.pk}/change/")

    assert "第 12 届" in page.content.decode()


def test_the_public_sees_a_chair_who_agreed_and_nobody_else(client, history):
    address = f"/branches/{history.code}/"
    assert "李秀英" not in client.get(address).content.decode()

    history.members.update(publishes_name=True)

    page = client.get(address).content.decode()
    assert "李秀英" in page
    assert "赵玉芝" not in page  # no chair
    assert "王淑兰" not in page  # a chair no more
