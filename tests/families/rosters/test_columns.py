"""What a title means is corrected on the preview and remembered for the branch."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from federation.imports import runs
from federation.models import ColumnMeaning
from tests.families.rosters.conftest import notes, previewed, reasons, registered
from tests.federation.imports import books

pytestmark = pytest.mark.django_db

ODD = books.csv([["当家人", "住哪", "几组"], ["孟桂芳", "7号", "三组"]])
ODD_BUT_ONE = books.csv(
    [["当家人", "门牌", "几组", "电话"], ["孟桂芳", "7号", "三组", "13800138001"]]
)
MEANT = {"当家人": "contact_name", "几组": "group"}


def test_a_file_of_which_nothing_is_known_is_no_roster(hand_in, community):
    with pytest.raises(ValidationError, match="没有找到家庭户名册"):
        hand_in(ODD, branch=community)


def test_a_column_that_is_needed_is_asked_for(hand_in, community, street_reviewer):
    run = hand_in(ODD_BUT_ONE, branch=community)

    assert reasons(run) == {2: "不知道哪一列是“户主”，请先在“列名对应”里选定。"}
    assert run.columns == {
        "当家人": "",
        "门牌": "door",
        "几组": "",
        "电话": "phone",
    }

    runs.correct_columns(run, street_reviewer, MEANT)

    run.refresh_from_db()
    assert previewed(run)[0][:4] == ("create", 2, "明一社区妇联", "1 号 孟桂芳")
    assert notes(run) == []
    runs.confirm(run, street_reviewer)
    runs.carry_out()
    assert registered() == [("明一社区", 1, "孟桂芳", "3组", "7号")]


def test_the_next_file_is_read_as_the_last_one_was_corrected(
    hand_in, community, second_community, sister_community, street_reviewer, street
):
    run = hand_in(ODD_BUT_ONE, branch=community)
    runs.correct_columns(run, street_reviewer, MEANT)

    assert hand_in(ODD, branch=community).create_count == 1
    with pytest.raises(ValidationError, match="没有找到家庭户名册"):
        hand_in(ODD, branch=second_community)

    # What the street says holds for its villages, unless one says otherwise.
    run = hand_in(ODD_BUT_ONE, branch=street)
    runs.correct_columns(run, street_reviewer, MEANT)
    assert hand_in(ODD, branch=second_community).create_count == 1


def test_a_title_that_was_taken_for_another_column_is_corrected(
    hand_in, community, street_reviewer
):
    content = books.csv([["户主", "姓名", "门牌"], ["母亲", "孟桂芳", "7号"]])
    run = hand_in(content, branch=community)
    assert previewed(run)[0][3] == "1 号 母亲"

    runs.correct_columns(run, street_reviewer, {"户主": ""})

    run.refresh_from_db()
    assert previewed(run)[0][3] == "1 号 孟桂芳"
    assert previewed(hand_in(content, branch=community))[0][3] == "1 号 孟桂芳"

    runs.correct_columns(run, street_reviewer, {"户主": "contact_name"})

    assert not ColumnMeaning.objects.exists()
    assert previewed(hand_in(content, branch=community))[0][3] == "1 号 母亲"


def test_the_page_offers_the_columns_and_takes_no_others(
    client, street_reviewer, hand_in, community
):
    client.force_login(street_reviewer, "federation.auth.ScopeBackend")
    run = hand_in(ODD_BUT_ONE, branch=community)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "“当家人”是" in page
    assert '<details class="import-columns" open>' in page
    titles = sorted(run.columns)
    address = reverse("admin:federation_importrun_columns", args=[run.pk])

    client.post(
        address,
        {
            f"column-{titles.index('当家人')}": "contact_name",
            f"column-{titles.index('几组')}": "left_on",
            "column-99": "door",
            "column-x": "door",
        },
    )

    run.refresh_from_db()
    assert run.columns["当家人"] == "contact_name"
    assert run.columns["几组"] == ""
    assert run.create_count == 1
    assert client.get(address).status_code == 405


def test_a_written_run_is_corrected_no_more(take_in, community, street_reviewer):
    run = take_in(books.csv([["户主", "门牌"], ["孟桂芳", "7号"]]), branch=community)

    with pytest.raises(ValidationError, match="现在是“已导入”"):
        runs.correct_columns(run, street_reviewer, {"门牌": ""})

    assert not ColumnMeaning.objects.exists()
