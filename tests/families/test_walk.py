"""What the phone's walk sends, and what this side makes of it."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from families.models import Inspection, InspectionPhoto
from federation.months import local_today
from tests.factories import HouseholdFactory, InspectionFactory
from tests.families.conftest import SEEN_ON, scores
from tests.permissions.typed import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def walker(client, village_clerk, first_standards):
    client.force_login(village_clerk, "federation.auth.ScopeBackend")
    return client


@pytest.fixture
def household(community):
    return HouseholdFactory(branch=community, number=7, contact_name="孟桂芳")


def entry(household, **changes):
    return {
        "token": str(uuid.uuid4()),
        "household": household.pk,
        "kind": "village",
        "inspected_on": SEEN_ON.isoformat(),
        "scores": {str(key): value for key, value in scores().items()},
        "mend_by": "",
        "remark": "",
    } | changes


def send(client, community, sent):
    address = f"/families/walk/{community.code}/send/"
    body = sent if isinstance(sent, str | bytes) else json.dumps(sent)
    return client.post(address, body, content_type="application/json")


def test_an_entry_becomes_an_inspection(walker, community, household, village_clerk):
    answer = send(walker, community, entry(household, remark="院子干净"))

    assert answer.json() == {"points": 100, "grade": "示范户"}
    row = Inspection.objects.get()
    assert (row.household, row.recorded_by) == (household, village_clerk)
    assert row.remark == "院子干净"


def test_however_often_it_is_sent_it_is_one_inspection(walker, community, household):
    sent = entry(household)

    answers = [send(walker, community, sent) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert Inspection.objects.count() == 1


def test_what_is_refused_is_refused_with_a_sentence(walker, community, household):
    answer = send(walker, community, entry(household, scores={}))

    assert answer.status_code == 400
    assert answer.json()["sentence"].startswith("还没打分：")
    assert not Inspection.objects.exists()


def test_a_household_of_another_village_is_not_found(
    walker, community, second_community, first_standards
):
    other = HouseholdFactory(branch=second_community)

    assert send(walker, community, entry(other)).status_code == 404
    assert send(walker, second_community, entry(other)).status_code == 404


def test_a_village_cannot_enter_what_the_street_saw(walker, community, household):
    answer = send(walker, community, entry(household, kind="town"))

    assert answer.status_code == 400
    assert "镇街" in answer.json()["sentence"]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_what_is_nested_without_end_is_refused(walker, community, opening):
    answer = send(walker, community, opening * 3000)

    assert answer.status_code == 400
    assert "没有传完整" in answer.json()["sentence"]


def test_half_an_emoji_at_the_end_of_a_text_loses_nothing_else(
    walker, community, household
):
    sent = entry(household, remark="院子干净\ud83d", inspectors="\udc4d王芳")

    assert send(walker, community, sent).status_code == 200
    row = Inspection.objects.get()
    assert (row.remark, row.inspectors) == ("院子干净", "王芳")


# Half emojis as well, as a phone may leave them.
texts = st.text() | st.text(st.characters(categories=["Cs", "L", "Cc"]), max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(texts, some),
    max_leaves=5,
)
NAMES = ("token", "household", "kind", "inspected_on", "scores", "mend_by", "remark")


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=st.dictionaries(st.sampled_from(NAMES), anything), raw=st.binary())
def test_whatever_is_sent_is_taken_or_refused(
    walker, community, household, changes, raw
):
    answers = [
        send(walker, community, entry(household) | changes),
        send(walker, community, raw),
    ]

    assert {answer.status_code for answer in answers} <= {200, 400, 404}


def test_a_photo_is_kept_once(walker, community, household, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sent, key = entry(household), str(uuid.uuid4())
    send(walker, community, sent)
    address = f"/families/walk/{community.code}/photo/"

    for _ in range(2):
        body = {"token": sent["token"], "key": key, "image": photo()}
        assert walker.post(address, body).status_code == 200

    assert InspectionPhoto.objects.count() == 1


def test_what_is_no_photo_is_refused(walker, community, household):
    sent = entry(household)
    send(walker, community, sent)
    body = {
        "token": sent["token"],
        "key": str(uuid.uuid4()),
        "image": SimpleUploadedFile("a.jpg", b"no photo"),
    }

    answer = walker.post(f"/families/walk/{community.code}/photo/", body)

    assert answer.status_code == 400
    assert not InspectionPhoto.objects.exists()


def test_the_page_lists_the_households_and_who_has_been_seen_today(
    walker, community, household, django_assert_max_num_queries
):
    HouseholdFactory(branch=community, number=8, left_on=SEEN_ON)
    with django_assert_max_num_queries(14):
        page = walker.get(f"/families/walk/{community.code}/")

    walk = page.context["walk"]
    assert [one["number"] for one in walk["households"]] == [7]
    assert not walk["households"][0]["done"]
    marks = [one["marks"] for one in walk["criteria"] if not one["veto"]]
    assert [mark["points"] for mark in marks[0]] == [25, 20, 15, 10, 0]


def test_without_a_standard_the_page_says_whom_to_ask(client, village_clerk, community):
    client.force_login(village_clerk, "federation.auth.ScopeBackend")
    from families.models import Standard

    Standard.objects.all().delete()
    page = client.get(f"/families/walk/{community.code}/").content.decode()

    assert "请联系区妇联" in page


def test_the_villages_with_households_are_offered_street_by_street(
    client, district_admin, walker, community, sister_community, household
):
    other = HouseholdFactory(branch=sister_community)
    InspectionFactory(household=household, inspected_on=local_today())
    InspectionFactory(household=other, inspected_on=local_today() - timedelta(days=1))
    client.force_login(district_admin, "federation.auth.ScopeBackend")

    page = client.get("/families/walk/").content.decode()

    at = [
        page.index(f"/families/walk/{branch.code}/")
        for branch in (community, sister_community)
    ]
    assert page.index(community.parent.name) < at[0] < at[1]
    assert at[0] < page.index(sister_community.parent.name) < at[1]
    assert page.count("今天 1 户") == 1
    assert page.count("今天") == 1


def test_only_her_own_village_is_offered_without_a_heading(
    walker, community, sister_community, household
):
    HouseholdFactory(branch=sister_community)

    page = walker.get("/families/walk/").content.decode()

    assert f"/families/walk/{community.code}/" in page
    assert sister_community.code not in page
    assert "<h2>" not in page
