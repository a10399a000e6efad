"""Branches in the admin: the tree, the search, and the acts with their forms."""

from datetime import date

import pytest

from federation.models import Branch, ReportingMonth, Succession
from federation.months import Month
from federation.roles import Role
from tests.conftest import staff
from tests.factories import BranchFactory, GrantFactory

LIST = "/admin/federation/branch/"
AUTOCOMPLETE = "/admin/autocomplete/"
FIRST = Month.current().first_day
FOOT = {"on": FIRST, "reason": "区划调整", "document_number": "章妇字〔2026〕3 号"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, district_admin):
    client.force_login(district_admin)
    return client


def page_of(branch, act="change"):
    return f"{LIST}{branch.pk}/{act}/"


def text_of(answer):
    return answer.content.decode()


def do(client, branch, act, **answers):
    return client.post(page_of(branch, act), {**FOOT, **answers})


# The tree


def test_the_tree_opens_at_the_top_and_its_branches_come_when_opened(
    office, street, sister_street, community
):
    page = text_of(office.get(LIST))
    assert street.name in page
    assert sister_street.name in page
    assert community.name not in page
    rows = text_of(office.get(page_of(street, "children")))
    assert community.name in rows
    assert sister_street.name not in rows


def test_the_row_of_a_branch_counts_the_living_ones_below(
    office, street, community, second_community
):
    Branch.objects.filter(pk=second_community.pk).update(closed_on=date(2020, 1, 1))
    assert "下级 1" in text_of(office.get(LIST))
    assert second_community.name not in text_of(office.get(page_of(street, "children")))


def test_staff_see_their_own_part_of_the_tree(
    client, street_reviewer, district, street, community, sister_street
):
    client.force_login(street_reviewer)
    page = text_of(client.get(LIST))
    assert street.name in page
    assert community.name in page
    assert sister_street.name not in page
    assert client.get(page_of(sister_street, "children")).status_code == 404
    assert client.get(page_of(district, "children")).status_code == 404


def test_the_tree_costs_the_same_however_wide_it_is(
    office, street, community, django_assert_max_num_queries
):
    for number in range(40):
        BranchFactory(code=f"37011400{number + 200:04d}", parent=street)
    with django_assert_max_num_queries(12):
        office.get(LIST)
    with django_assert_max_num_queries(8):
        office.get(page_of(street, "children"))


# The search


@pytest.mark.parametrize("words", ["明一", "370114001001", "mysq", "MYSQ"])
def test_a_branch_is_found_by_name_code_and_initials(
    office, community, second_community, words
):
    page = office.get(LIST, {"q": words})
    assert list(page.context["cl"].result_list) == [community]


def test_closed_branches_are_found_when_asked_for(office, community, second_community):
    Branch.objects.filter(pk=community.pk).update(closed_on=date(2020, 1, 1))
    assert community.name not in text_of(office.get(LIST, {"q": "社区"}))
    page = office.get(LIST, {"q": "社区", "standing": "closed"})
    assert list(page.context["cl"].result_list) == [community]


def test_the_search_stays_in_ones_own_subtree(
    client, street_reviewer, sister_community
):
    client.force_login(street_reviewer)
    page = client.get(LIST, {"q": sister_community.short_name})
    assert list(page.context["cl"].result_list) == []


# The page of a branch


def test_branches_are_neither_added_nor_deleted_nor_renamed_by_hand(office, community):
    assert office.get(f"{LIST}add/").status_code == 403
    assert office.get(page_of(community, "delete")).status_code == 403
    stats = {"stats-TOTAL_FORMS": 0, "stats-INITIAL_FORMS": 0}
    answers = {
        "name": "别的妇联",
        "code": "1",
        "short_name": "明一",
        "kind": "region",
        "place_name": "",
        **stats,
    }
    assert office.post(page_of(community), answers).status_code == 302
    community.refresh_from_db()
    assert (community.name, community.short_name) == ("明一社区妇联", "明一")
    assert community.code == "370114001001"


def test_only_a_unit_has_a_kind_to_choose(office, street, community):
    unit = BranchFactory(
        code="370114001U001", level="unit", kind="company", parent=street
    )
    answers = {"short_name": "甲", "stats-TOTAL_FORMS": 0, "stats-INITIAL_FORMS": 0}
    office.post(page_of(community), {**answers, "kind": "company"})
    community.refresh_from_db()
    assert (community.short_name, community.kind) == ("甲", "region")
    page = office.post(page_of(unit), {**answers, "kind": "region"})
    assert "请选单位的类别" in text_of(page)
    office.post(page_of(unit), {**answers, "kind": "new_jobs"})
    unit.refresh_from_db()
    assert unit.kind == "new_jobs"


def test_the_page_tells_where_a_branch_stood_and_what_became_of_it(office, community):
    do(office, community, "rename", name="明水第一社区")
    page = text_of(office.get(page_of(community)))
    assert "由“明一社区妇联”改为“明水第一社区妇联”" in page
    assert "章妇字〔2026〕3 号" in page
    assert "一直以来" in page
    assert f"{FIRST:%Y-%m} 起" in page


def test_who_only_reads_gets_no_acts(client, auditor, community):
    client.force_login(auditor)
    page = text_of(client.get(page_of(community)))
    assert "办理沿革" not in page.replace("“办理沿革”", "")
    assert 'name="_save"' not in page


# The acts


def test_found_a_unit_below_a_street(office, street, district_admin):
    answer = do(
        office, street, "found", name="泉城科技妇联", level="unit", kind="new_economy"
    )
    branch = Branch.objects.get(name="泉城科技妇联")
    assert answer["Location"] == page_of(branch)
    assert branch.code == "370114001U001"
    assert (branch.parent, branch.founded_on) == (street, FIRST)
    act = Succession.objects.get()
    assert (act.act, act.branch, act.recorded_by) == ("found", branch, district_admin)
    assert (act.reason, act.document_number) == (
        FOOT["reason"],
        FOOT["document_number"],
    )


def test_found_a_village_with_its_code(office, street):
    answers = {"name": "明三社区居民委员会", "level": "village", "kind": "region"}
    do(office, street, "found", code="370114001003", **answers)
    assert Branch.objects.get(code="370114001003").name == "明三社区妇联"


def test_the_same_form_sent_twice_founds_one(office, street):
    answers = {"name": "泉城科技妇联", "level": "unit", "kind": "company"}
    do(office, street, "found", **answers)
    second = do(office, street, "found", **answers)
    assert "下面已有泉城科技妇联，请核对。" in text_of(second)
    assert Branch.objects.filter(name="泉城科技妇联").count() == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"level": "unit", "kind": "region"}, "单位妇联请选单位的类别"),
        ({"level": "village", "kind": "company"}, "镇街、村社区请选“区域”"),
        ({"level": "village", "kind": "region"}, "请填写区划编码"),
        (
            {"level": "village", "kind": "region", "code": "370114001001"},
            "编码已由明一社区妇联使用",
        ),
        ({"level": "village", "kind": "region", "code": "12A"}, "编码只能是数字"),
        ({"level": "town", "kind": "region", "code": "370114009"}, "town"),
    ],
)
def test_what_cannot_be_founded_is_said(office, street, community, answers, sentence):
    page = do(office, street, "found", name="泉城妇联", **answers)
    assert page.status_code == 200
    assert sentence in text_of(page)
    assert not Succession.objects.exists()


def test_rename(office, community):
    do(office, community, "rename", name="明水第一社区妇联")
    community.refresh_from_db()
    assert community.name == "明水第一社区妇联"
    assert (community.short_name, community.initials) == ("明水第一社区", "msdysq")


def test_a_name_that_changes_nothing_is_refused(office, community):
    page = do(office, community, "rename", name="明一社区")
    assert "新名称和现在的一样" in text_of(page)
    assert not Succession.objects.exists()


def test_transfer(office, community, sister_street):
    answer = do(office, community, "transfer", parent=sister_street.pk)
    assert answer.status_code == 302
    community.refresh_from_db()
    assert community.parent == sister_street
    assert community.path == f"{sister_street.path}370114001001/"


def test_merge_takes_others_along(
    office, community, second_community, sister_community
):
    answers = {"into": sister_community.pk, "others": [second_community.pk]}
    do(office, community, "merge", **answers)
    for branch in (community, second_community):
        branch.refresh_from_db()
        assert branch.is_closed
        [act] = branch.successions.all()
        assert list(act.successors.all()) == [sister_community]


def test_split_a_village_in_two(office, community, street):
    parts = "370114001101 明东社区\n370114001102 明西社区妇联\n"
    do(office, community, "split", parts=parts, closes="on")
    names = Branch.objects.filter(parent=street).active().values_list("name", flat=True)
    assert list(names) == ["明东社区妇联", "明西社区妇联"]
    community.refresh_from_db()
    assert community.is_closed


def test_split_a_unit_numbers_its_parts(office, street):
    unit = BranchFactory(
        code="370114001U001",
        short_name="泉城集团",
        level=Branch.Level.UNIT,
        kind=Branch.Kind.COMPANY,
        parent=street,
    )
    do(office, unit, "split", parts="泉城一厂妇委会\n泉城二厂妇委会")
    codes = Branch.objects.filter(name__endswith="厂妇委会").values_list("code", "kind")
    assert list(codes) == [("370114001U002", "company"), ("370114001U003", "company")]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ("明东社区", "第 1 行请写成“编码 空格 名称”。"),
        ("370114001002 明东社区", "第 1 行的编码已由明二社区妇联使用"),
        ("370114001101 甲社区\n370114001101 乙社区", "有两行的编码一样"),
        ("370114001101 甲社区", "至少要分成两个组织"),
    ],
)
def test_parts_that_cannot_be_read_are_said(
    office, community, second_community, parts, sentence
):
    page = do(office, community, "split", parts=parts, closes="on")
    assert sentence in text_of(page)
    assert not Succession.objects.exists()


def test_close(office, community):
    do(office, community, "close")
    community.refresh_from_db()
    assert community.closed_on == FIRST
    assert Succession.objects.get().act == "close"


def test_what_the_tree_refuses_is_shown_and_nothing_typed_is_lost(
    office, street, community
):
    page = do(office, street, "close", reason="并村并居")
    assert "下面还有未撤销的组织，请先划转或撤销它们。" in text_of(page)
    assert 'value="并村并居"' in text_of(page)
    assert 'value="章妇字〔2026〕3 号"' in text_of(page)
    assert not Succession.objects.exists()


def test_a_transfer_in_mid_month_is_refused(office, community, sister_street):
    day = FIRST.replace(day=2)
    page = do(office, community, "transfer", parent=sister_street.pk, on=day)
    assert "请把日期改为 1 日" in text_of(page)
    # What was chosen stands there still.
    assert f'value="{sister_street.pk}" selected' in text_of(page)


def test_a_transfer_into_a_closed_month_is_refused(office, community, sister_street):
    ReportingMonth.objects.create(month=FIRST, status="closed", revision=1)
    page = do(office, community, "transfer", parent=sister_street.pk)
    assert "结账（第 1 版）" in text_of(page)
    community.refresh_from_db()
    assert community.parent != sister_street


def test_an_id_number_is_no_reason(office, community):
    page = do(office, community, "close", reason="11010519491231002X 申请")
    assert "不能填写身份证号" in text_of(page)
    assert not Succession.objects.exists()


# Who may


@pytest.mark.parametrize(
    "act", ["found", "rename", "transfer", "merge", "split", "close"]
)
def test_acts_need_their_permission(client, street_reviewer, auditor, community, act):
    for user in (street_reviewer, auditor):
        client.force_login(user)
        assert client.get(page_of(community, act)).status_code == 403
        assert do(client, community, act, name="甲社区").status_code == 403
    assert not Succession.objects.exists()


@pytest.fixture
def two_places(client, street, sister_street):
    """A person who may act in one street and only reads the other."""
    user = staff(street, Role.DISTRICT_ADMIN, "two_places")
    GrantFactory(user=user, branch=sister_street, role=Role.AUDITOR)
    client.force_login(user)
    return client


def test_acts_reach_as_far_as_their_grant(two_places, district, sister_community):
    assert two_places.get(page_of(sister_community)).status_code == 200
    assert two_places.get(page_of(sister_community, "close")).status_code == 403
    assert two_places.get(page_of(district, "close")).status_code == 404


def test_a_branch_beyond_ones_reach_is_no_target(
    two_places, community, sister_street, sister_community
):
    page = do(two_places, community, "transfer", parent=sister_street.pk)
    assert page.context["form"].errors["parent"]
    page = do(two_places, community, "merge", into=sister_community.pk)
    assert page.context["form"].errors["into"]
    assert not Succession.objects.exists()


def offered(client, **parameters):
    answer = client.get(AUTOCOMPLETE, {"term": "", **parameters}).json()
    return [row["text"] for row in answer["results"]]


SUCCESSION = {
    "app_label": "federation",
    "model_name": "succession",
    "field_name": "new_parent",
}


def test_targets_are_offered_where_one_may_act(two_places, street, community):
    BranchFactory(code="370114002009", parent=Branch.objects.get(code="370114002"))
    names = [f"{street}（章丘区）", f"{community}（明水街道）"]
    assert offered(two_places, **SUCCESSION) == names


def test_branches_are_offered_where_one_may_add(client, district, community):
    user = staff(district, Role.AUDITOR, "mixed")
    GrantFactory(user=user, branch=community, role=Role.CLERK)
    client.force_login(user)
    field = {
        "app_label": "activities",
        "model_name": "activity",
        "field_name": "branch",
    }
    assert offered(client, **field, verb="add") == ["明一社区妇联（明水街道）"]
    assert len(offered(client, **field)) == 3


def test_a_branch_of_anywhere_is_offered_as_a_partner(
    client, village_clerk, sister_community
):
    client.force_login(village_clerk)
    field = {
        "app_label": "activities",
        "model_name": "activitypartner",
        "field_name": "branch",
    }
    found = offered(client, **field, verb="any", term="zjz")
    assert found == ["赵家庄社区妇联（双山街道）"]


def test_a_closed_branch_is_no_target(office, community, second_community):
    Branch.objects.filter(pk=community.pk).update(closed_on=date(2020, 1, 1))
    assert "明二社区妇联（明水街道）" in offered(office, **SUCCESSION)
    assert "明一社区妇联（明水街道）" not in offered(office, **SUCCESSION)
