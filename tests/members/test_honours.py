"""The public list of honours: whoever agreed, by year and rank."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members.models import Honour
from tests.factories import HonourFactory, MemberFactory

pytestmark = pytest.mark.django_db

PAGE = "/honours/"


def honour(**values):
    return HonourFactory(**{"publishes": True, "holder_name": "幸福之家"} | values)


def text(client, **query):
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_what_was_awarded_and_agreed_to_is_shown(client):
    honour(holder_name="幸福之家")
    honour(holder_name="没有同意", publishes=False)
    honour(holder_name="还在推荐", state="recommended")
    honour(holder_name="还在公示", state="announced")
    honour(holder_name="已经撤销", state="revoked")

    page = text(client)

    assert "幸福之家" in page
    for hidden in ("没有同意", "还在推荐", "还在公示", "已经撤销"):
        assert hidden not in page


def test_the_highest_rank_comes_first(client):
    honour(rank="town", title="镇街标兵")
    honour(rank="national", title="全国巾帼标兵")
    honour(rank="city", title="市级标兵")

    page = text(client)

    places = [page.index(title) for title in ("全国巾帼标兵", "市级标兵", "镇街标兵")]
    assert places == sorted(places)


def test_the_newest_year_is_shown_unless_another_is_asked_for(client):
    honour(awarded_on=date(2024, 12, 31), title="旧年荣誉")
    honour(awarded_on=date(2025, 1, 1), title="新年荣誉")

    assert "新年荣誉" in text(client)
    assert "旧年荣誉" not in text(client)
    assert "旧年荣誉" in text(client, year="2024")


def test_one_rank_alone(client):
    honour(rank="city", title="市级标兵")
    honour(rank="town", title="镇街标兵")

    page = text(client, rank="city")

    assert "市级标兵" in page
    assert "镇街标兵" not in page


@pytest.mark.parametrize("query", [{"year": "0"}, {"year": "x"}, {"rank": "高"}, {}])
def test_whatever_is_asked_is_answered(client, query):
    assert "荣誉榜" in text(client, **query)


def test_many_honours_cost_as_many_queries_as_one(
    client, django_assert_max_num_queries
):
    for _ in range(40):
        honour(member=MemberFactory(), holder_name="")

    with django_assert_max_num_queries(4):
        client.get(PAGE)


def test_a_branch_page_shows_the_honours_of_those_below(client, community, street):
    honour(branch=community, holder_name="幸福之家")

    assert "幸福之家" in client.get(f"/branches/{street.code}/").content.decode()


@pytest.mark.parametrize(
    "holders",
    [
        {"holder_name": ""},
        {"holder_name": "幸福之家", "is_of_branch": True},
    ],
)
def test_an_honour_has_one_holder(community, holders):
    row = Honour(
        branch=community,
        title="三八红旗手",
        rank="district",
        awarding_body="区妇联",
        awarded_on=date(2026, 3, 8),
        **holders,
    )

    with pytest.raises(ValidationError, match="获奖者填一个"):
        row.full_clean()
