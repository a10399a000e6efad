"""The households in the admin: scoped, short to ask for, phones masked and noted."""

from datetime import date
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from families.models import Household
from federation.admin.paging import ShortPaginator
from federation.models import Disclosure
from federation.months import local_today
from tests.factories import (
    BatchFactory,
    HouseholdFactory,
    InspectionFactory,
    RecognitionFactory,
)

HOUSEHOLDS = "/admin/families/household/"
PHONE, MASKED = "13812341234", "138****1234"

pytestmark = pytest.mark.django_db


@pytest.fixture
def household(community):
    return HouseholdFactory(
        branch=community,
        number=12,
        contact_name="孟桂芳",
        group="3组",
        door="幸福胡同 7 号",
        phone=PHONE,
    )


@pytest.fixture
def clerk(client, village_clerk):
    client.force_login(village_clerk)
    return client


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def text_of(answer):
    return answer.content.decode()


def page_of(household):
    return f"{HOUSEHOLDS}{household.pk}/change/"


def listed(browser, **question):
    return list(browser.get(HOUSEHOLDS, question).context["cl"].result_list)


def answers_of(household, **changes):
    return {
        "branch": household.branch_id,
        "number": household.number or "",
        "contact_name": household.contact_name,
        "group": household.group,
        "door": household.door,
        "phone": household.phone,
        "has_courtyard": "on",
        "occupancy": household.occupancy,
        "entered_on": household.entered_on.isoformat(),
        "left_on": "",
        "form_key": str(uuid4()),
        **changes,
    }


def recognised(household, **facts):
    return RecognitionFactory(
        household=household,
        stage="granted",
        granted_on=date(2025, 6, 1),
        review_due_on=date(2027, 6, 1),
        **facts,
    )


# The list


def test_the_list_goes_by_village_and_number(office, community, second_community):
    far = HouseholdFactory(branch=second_community, number=1)
    tenth = HouseholdFactory(branch=community, number=10)
    second = HouseholdFactory(branch=community, number=2)

    assert listed(office) == [second, tenth, far]


def test_the_list_shows_ones_own_place(clerk, household, sister_community):
    HouseholdFactory(branch=sister_community, contact_name="张桂兰")

    page = text_of(clerk.get(HOUSEHOLDS))

    assert "孟桂芳" in page
    assert "张桂兰" not in page


@pytest.mark.parametrize(
    "words",
    ["孟桂芳", "孟", "mgf", "MG", "12", "１２", "幸福胡同", "明一", " mgf "],
)
def test_a_household_is_found_by_what_people_ask_for(
    office, household, second_community, words
):
    HouseholdFactory(branch=second_community, number=3, contact_name="李秀英")

    assert listed(office, q=words) == [household]


@pytest.mark.parametrize("words", ["²", "٣", "9" * 40, "%", "_", "'", "12 34"])
def test_whatever_is_searched_for_is_answered(office, household, words):
    assert listed(office, q=words) == []


def test_numbers_are_looked_for_among_doors_too(office, community):
    at_door = HouseholdFactory(branch=community, number=1, door="12-301")
    by_number = HouseholdFactory(branch=community, number=12, door="9")

    assert listed(office, q="12") == [at_door, by_number]
    assert listed(office, q="12-3") == [at_door]


def test_the_list_is_narrowed_by_standing(office, community):
    granted, mending, applied, none = (
        HouseholdFactory(branch=community, number=n) for n in range(1, 5)
    )
    recognised(granted)
    recognised(mending, mend_by=date(2026, 12, 31))
    RecognitionFactory(household=applied)
    RecognitionFactory(household=none, stage="refused")

    assert listed(office, standing="recognised") == [granted, mending]
    assert listed(office, standing="unrecognised") == [applied, none]
    assert listed(office, standing="to_mend") == [mending]
    assert listed(office, standing="being_recognised") == [applied]
    page = text_of(office.get(HOUSEHOLDS))
    for words in ("已认定", "限期整改（2026-12-31 前）", "申报中（申报）"):
        assert words in page


def test_the_list_is_narrowed_by_place_courtyard_and_who_lives_there(
    office, household, second_community
):
    empty = HouseholdFactory(
        branch=second_community, has_courtyard=False, occupancy="empty"
    )

    assert listed(office, branch__id__exact=second_community.pk) == [empty]
    assert listed(office, has_courtyard__exact=0) == [empty]
    assert listed(office, occupancy__exact="lived_in") == [household]


def test_who_has_left_is_shown_when_asked_for(office, household):
    left = HouseholdFactory(
        branch=household.branch, number=13, left_on=date(2026, 1, 1)
    )

    assert listed(office) == [household]
    assert listed(office, left="yes") == [left]
    assert listed(office, left="any") == [household, left]


def test_the_list_costs_the_same_however_long_it_is(
    office, community, django_assert_max_num_queries
):
    batch = BatchFactory(branch=community)
    for _ in range(30):
        recognised(HouseholdFactory(branch=community), batch=batch)
    office.get(HOUSEHOLDS)
    questions = ({}, {"q": "孟"}, {"q": "m"}, {"branch__id__exact": community.pk})
    for question in (*questions, {"standing": "recognised"}):
        with django_assert_max_num_queries(8):
            office.get(HOUSEHOLDS, question)


def test_a_list_too_long_to_count_says_so(office, community, monkeypatch):
    monkeypatch.setattr(ShortPaginator, "MOST", 60)
    for _ in range(61):
        HouseholdFactory(branch=community)

    assert "只列前 60 条，请搜索或按村筛选" in text_of(office.get(HOUSEHOLDS))
    assert len(listed(office, p=2)) == 10


# Phones and restricted facts


def test_phones_are_masked_in_the_list(clerk, household):
    page = text_of(clerk.get(HOUSEHOLDS))
    assert MASKED in page
    assert PHONE not in page


def test_who_keeps_the_register_sees_the_number_and_is_noted(
    clerk, household, village_clerk
):
    assert f'value="{PHONE}"' in text_of(clerk.get(page_of(household)))
    [opened] = Disclosure.objects.all()
    assert (opened.user, opened.act) == (village_clerk, "opened")
    assert (opened.object_id, opened.branch) == (household.pk, household.branch)


def test_the_auditor_gets_the_number_masked(client, auditor, household):
    client.force_login(auditor)
    page = text_of(client.get(page_of(household)))
    assert MASKED in page
    assert PHONE not in page
    assert not Disclosure.objects.exists()
    assert client.post(page_of(household), answers_of(household)).status_code == 403


def test_nothing_personal_reaches_the_log_or_the_history(clerk, household):
    answers = answers_of(
        household, phone="13900001111", contact_name="孟秀兰", door="梧桐巷 9 号"
    )
    assert clerk.post(page_of(household), answers).status_code == 302
    household.refresh_from_db()
    assert (household.contact_name, household.initials) == ("孟秀兰", "mxl")
    noted = str(list(LogEntry.objects.values()))
    history = text_of(clerk.get(f"{HOUSEHOLDS}{household.pk}/history/"))
    for secret in (PHONE, "13900001111", "孟秀兰", "孟桂芳", "梧桐巷", "幸福胡同"):
        assert secret not in noted
        assert secret not in history.replace(str(household), "")


def test_the_page_shows_inspections_and_recognitions(clerk, household):
    InspectionFactory(household=household, points=91, remark="院里很干净")
    recognised(household, batch__name="2025 年第一批")

    page = text_of(clerk.get(page_of(household)))

    for words in ("91 分，达标", "院里很干净", "2025 年第一批：已认定"):
        assert words in page
    assert f"/families/walk/{household.branch.code}/" in page


def test_who_only_reads_is_not_sent_to_inspect(client, auditor, household):
    client.force_login(auditor)
    assert "/families/walk/" not in text_of(client.get(page_of(household)))


# Entering


def test_a_village_registers_a_household_with_the_next_number(clerk, household):
    new = Household(
        branch=household.branch,
        contact_name="李秀英",
        group="第三村民小组",
        entered_on=date(2026, 3, 1),
    )

    answer = clerk.post(f"{HOUSEHOLDS}add/", answers_of(new))

    assert answer.status_code == 302
    new = Household.objects.get(contact_name="李秀英")
    assert (new.number, new.group, new.initials) == (13, "3组", "lxy")


def test_whoever_keeps_one_village_finds_it_filled_in(clerk, community):
    form = clerk.get(f"{HOUSEHOLDS}add/").context["adminform"].form
    assert form.initial["branch"] == community.pk


def test_whoever_keeps_several_chooses_the_village(office, community):
    form = office.get(f"{HOUSEHOLDS}add/").context["adminform"].form
    assert "branch" not in form.initial


def test_a_number_is_not_given_twice(clerk, household):
    new = Household(branch=household.branch, number=12, contact_name="李秀英", group="")

    page = clerk.post(f"{HOUSEHOLDS}add/", answers_of(new))

    assert "这个村已有这个户号，请换一个。" in text_of(page)
    assert Household.objects.count() == 1


def test_who_registers_the_same_number_in_the_same_second_is_told(
    clerk, household, monkeypatch
):
    """The form was checked before the other one was saved."""
    checks = []
    check = Household.validate_constraints

    def check_later(household, **kwargs):
        checks.append(household)
        if len(checks) > 1:
            check(household, **kwargs)

    monkeypatch.setattr(Household, "validate_constraints", check_later)
    new = Household(branch=household.branch, number=12, contact_name="李秀英", group="")

    page = clerk.post(f"{HOUSEHOLDS}add/", answers_of(new))

    assert "这个村已有这个户号，请换一个。" in text_of(page)
    assert 'value="李秀英"' in text_of(page)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"entered_on": "2999-01-01"}, "日期在今天之后"),
        ({"left_on": "2021-01-01"}, "注销日期必须晚于登记日期。"),
        ({"contact_name": "11010519491231002X"}, "不能填写身份证号"),
        ({"door": "11010519491231002X"}, "不能填写身份证号"),
        ({"phone": "1381234"}, "手机号应为 11 位数字。"),
        ({"number": "99999999999999999999"}, "小于或等于"),
        ({"number": "0"}, "大于或等于"),
        ({"contact_name": "孟\x00"}, "不允许是用空字符串"),
        ({"entered_on": "0206-01-01"}, "1900"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    clerk, household, changes, sentence
):
    page = clerk.post(page_of(household), answers_of(household, **changes))

    assert sentence in text_of(page)
    assert 'value="3组"' in text_of(page)
    household.refresh_from_db()
    assert (household.contact_name, household.number) == ("孟桂芳", 12)


def test_a_household_is_registered_in_a_village(office, street, sister_community):
    for branch in (street, sister_community):
        new = Household(branch=branch, number=1, contact_name="李秀英")
        page = office.post(f"{HOUSEHOLDS}add/", answers_of(new))
        assert page.context["adminform"].form.errors["branch"]
    assert not Household.objects.exists()


def test_a_household_does_not_change_its_village(office, household, second_community):
    answers = answers_of(household, branch=second_community.pk)
    assert office.post(page_of(household), answers).status_code == 302
    household.refresh_from_db()
    assert household.branch != second_community

    household.branch = second_community
    with pytest.raises(Exception, match="换了村的"):
        household.clean()


def test_a_household_leaves_with_a_date_and_is_never_deleted(clerk, household):
    day = local_today().isoformat()
    assert clerk.post(page_of(household), answers_of(household, left_on=day))
    household.refresh_from_db()
    assert household.left_on == local_today()
    assert household.purge_on is not None
    assert clerk.get(f"{HOUSEHOLDS}{household.pk}/delete/").status_code == 403
    assert "delete_selected" not in text_of(clerk.get(HOUSEHOLDS))


def test_a_recognised_household_is_revoked_before_it_leaves(clerk, household):
    recognised(household)
    day = local_today().isoformat()

    page = clerk.post(page_of(household), answers_of(household, left_on=day))

    assert "请先办理摘牌" in text_of(page)
    household.refresh_from_db()
    assert household.left_on is None


@pytest.mark.parametrize("field", ["group", "door"])
def test_a_place_that_grows_in_ordinary_width_is_refused(community, field):
    # One character of it is four of them.
    household = HouseholdFactory.build(branch=community, **{field: "㍿" * 15})

    with pytest.raises(ValidationError) as refusal:
        household.full_clean()

    assert set(refusal.value.message_dict) == {field}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"entered_on": date(2026, 3, 3)}, "entered_on"),
        ({"left_on": date(2026, 3, 2)}, "left_on"),
    ],
)
def test_nobody_was_away_when_she_was_looked_at(household, values, field):
    InspectionFactory(household=household, inspected_on=date(2026, 3, 2))
    for name, value in values.items():
        setattr(household, name, value)

    with pytest.raises(ValidationError) as refusal:
        household.full_clean()

    assert "2026-03-02" in str(refusal.value.message_dict[field])
    household.entered_on, household.left_on = date(2026, 3, 2), date(2026, 3, 3)
    household.full_clean()


@pytest.mark.parametrize(
    "query",
    [
        f"branch={'9' * 30}",
        f"branch__id__exact={'9' * 30}",
        f"number={'9' * 30}",
        "branch__id__exact=abc",
        "branch__id__exact=%00",
        "occupancy__exact=%00",
        "standing=%00",
    ],
)
def test_nonsense_in_the_address_of_a_list_is_no_error_of_the_site(
    clerk, household, query
):
    answer = clerk.get(f"{HOUSEHOLDS}?{query}")

    assert answer.status_code in (200, 302, 400)
