"""What people and programs use to write: forms, list actions, the API, imports, acts.

Each door marks the old and the new buckets. A form, a list action or an API route of a
counted model that is not tried here fails the first tests.
"""

import uuid
from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib import admin
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ModelViewSet

from activities import api as activities_api
from activities import review, series
from activities.models import Activity
from families import standards
from families.models import Household, Inspection, Recognition, Standard
from federation import api as federation_api
from federation.counted import CountedModel
from federation.imports.branches import import_branches
from federation.models import Branch, BranchStat, Mark, Placement, ReportingMonth
from members.models import Delegate, Honour, Member, Post, Term
from rollups import api as rollups_api
from tests.activities.api import LIST as API
from tests.activities.api import api_of, detail, sent
from tests.activities.entry import ADD, LIST, as_typed, change, typed
from tests.factories import (
    ActivityFactory,
    BatchFactory,
    MemberFactory,
    PostFactory,
    RecognitionFactory,
    ResultFactory,
)

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def cast(community, second_community, street, sister_street, programme):
    return SimpleNamespace(
        community=community,
        second=second_community,
        street=street,
        sister_street=sister_street,
        programme=programme,
    )


@pytest.fixture
def clerk(client, village_clerk):
    client.force_login(village_clerk)
    return client


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


@pytest.fixture
def district_office(client, district_admin):
    client.force_login(district_admin)
    return client


@pytest.fixture
def result(cast):
    return ResultFactory(branch=cast.community, programme=cast.programme)


@pytest.fixture
def submitted(cast, village_clerk):
    draft = ActivityFactory(
        branch=cast.community,
        programme=cast.programme,
        recorded_by=village_clerk,
        happening=Activity.Happening.HELD,
        attendance_offline=30,
    )
    review.submit(draft, village_clerk)
    return draft


def marked_by(write) -> set:
    """Return the (branch, month) marked by *write*."""
    Mark.objects.all().delete()
    write()
    return set(Mark.objects.values_list("branch", "month"))


# Every door is tried ------------------------------------------------------------

FORMS = {
    Activity,
    Branch,
    BranchStat,
    Delegate,
    Honour,
    Household,
    Inspection,
    Member,
    Post,
    Recognition,
    Term,
}
INLINES = {BranchStat, Post}
ACTIONS = {
    Activity: {"submit_selected", "approve_selected", "return_selected"},
    # Moves when 复核 is due, and no figure: tests/families/test_recognition_pages.py.
    Recognition: {"renew_selected"},
}
ROUTES = {Activity}


def is_counted(model) -> bool:
    return issubclass(model, CountedModel)


def test_every_form_of_a_counted_model_is_tried_here():
    registry = admin.site._registry
    inlines = {i.model for page in registry.values() for i in page.inlines}

    assert {model for model in registry if is_counted(model)} == FORMS
    assert {model for model in inlines if is_counted(model)} == INLINES
    assert not any(page.list_editable for page in registry.values())


def test_every_list_action_on_a_counted_model_is_tried_here():
    own = {
        model: {a if isinstance(a, str) else a.__name__ for a in page.actions}
        for model, page in admin.site._registry.items()
        if is_counted(model) and page.actions
    }

    assert own == ACTIONS


def test_every_route_that_writes_a_counted_model_is_tried_here():
    router = DefaultRouter()
    for api in (federation_api, activities_api, rollups_api):
        api.register(router)
    writing = {
        viewset.queryset.model
        for _, viewset, _ in router.registry
        if issubclass(viewset, ModelViewSet)
    }

    assert {model for model in writing if is_counted(model)} == ROUTES


# Activities ---------------------------------------------------------------------


def test_the_form_that_enters_an_activity(clerk, cast):
    marked = marked_by(lambda: clerk.post(ADD, typed(cast.community, cast.programme)))

    assert marked == {(cast.community.pk, MARCH)}


def test_the_form_that_moves_a_counted_activity(office, cast, result):
    values = {"starts_on": "2026-05-08", "attendance_offline": "31"}
    values |= {"happening": "held", "client_token": None}
    answers = typed(cast.second, cast.programme, **values)

    marked = marked_by(lambda: office.post(change(result), answers))

    result.refresh_from_db()
    assert result.starts_on == date(2026, 5, 8)
    assert marked == {(cast.community.pk, MARCH), (cast.second.pk, MAY)}


def test_the_form_says_who_closed_the_month_and_keeps_what_was_typed(
    office, cast, result
):
    ReportingMonth.objects.create(month=MAY, status=ReportingMonth.Status.CLOSED)
    answers = as_typed(result, starts_on="2026-05-08", happening="held")

    page = office.post(change(result), answers)

    assert page.status_code == 200
    assert "2026 年 5 月已" in page.content.decode()
    assert 'value="2026-05-08"' in page.content.decode()
    assert not Mark.objects.filter(month=MAY, onward=False).exists()


@pytest.mark.parametrize("action", sorted(ACTIONS[Activity]))
def test_a_list_action(client, cast, action, village_clerk, street_reviewer, submitted):
    who = street_reviewer
    if action == "submit_selected":
        review.send_back(submitted, street_reviewer, "人次有误")
        who = village_clerk
    client.force_login(who)
    chosen = {"action": action, "_selected_action": [submitted.pk]}
    if action == "return_selected":
        chosen |= {"_return": "1", "reason": "人次有误"}
    if action == "approve_selected":
        # It was held long ago: the reviewer is asked, and says yes.
        chosen |= {"doubts": "approve"}
    before = Activity.objects.get(pk=submitted.pk).review

    marked = marked_by(lambda: client.post(LIST, chosen))

    submitted.refresh_from_db()
    assert submitted.review != before
    assert marked == {(cast.community.pk, MARCH)}


def test_the_api_enters_and_moves_an_activity(cast, village_clerk):
    api = api_of(village_clerk)
    made = {}

    def enter():
        made.update(api.post(API, sent(cast.community, cast.programme)).json())

    assert marked_by(enter) == {(cast.community.pk, MARCH)}
    activity = Activity.objects.get(pk=made["id"])
    later = {"starts_on": "2026-04-09", "ends_on": "2026-04-09"}
    marked = marked_by(lambda: api.patch(detail(activity), later))
    assert marked == {(cast.community.pk, MARCH), (cast.community.pk, APRIL)}
    assert marked_by(lambda: api.post(detail(activity, "submit"))) == {
        (cast.community.pk, APRIL)
    }


@pytest.mark.parametrize("verb", ["approve", "return", "withdraw"])
def test_the_api_decides(cast, street_reviewer, submitted, verb):
    api = api_of(street_reviewer)

    marked = marked_by(lambda: api.post(detail(submitted, verb), {"reason": "重复"}))

    assert Activity.objects.get(pk=submitted.pk).review != "submitted"
    assert marked == {(cast.community.pk, MARCH)}


def test_the_api_deletes_a_draft(cast, village_clerk):
    draft = ActivityFactory(
        branch=cast.community, programme=cast.programme, recorded_by=village_clerk
    )

    marked = marked_by(lambda: api_of(village_clerk).delete(detail(draft)))

    assert not Activity.objects.exists()
    assert marked == {(cast.community.pk, MARCH)}


def test_a_series_marks_the_month_of_each_session(cast, village_clerk):
    first = ActivityFactory(
        branch=cast.community, programme=cast.programme, recorded_by=village_clerk
    )

    marked = marked_by(
        lambda: series.repeat(first, village_clerk, "monthly", 2, token=uuid.uuid4())
    )

    assert marked == {(cast.community.pk, month) for month in (MARCH, APRIL, MAY)}


# Branches and placements --------------------------------------------------------


def test_the_form_that_corrects_the_kind_of_a_unit(district_office, cast):
    unit = Branch.objects.get(pk=found(district_office, cast))
    page = f"/admin/federation/branch/{unit.pk}/change/"
    answers = {
        "short_name": unit.short_name,
        "kind": "new_jobs",
        "place_name": "",
        "stats-TOTAL_FORMS": 0,
        "stats-INITIAL_FORMS": 0,
    }

    marked = marked_by(lambda: district_office.post(page, answers))

    unit.refresh_from_db()
    assert unit.kind == "new_jobs"
    assert marked == {(unit.pk, MARCH)}


def found(client, cast) -> int:
    deed = {"on": "2026-03-08", "reason": "扩大覆盖", "document_number": "1号"}
    names = {
        "name": "骑手妇联",
        "short_name": "骑手",
        "kind": "company",
        "level": "unit",
    }
    client.post(
        f"/admin/federation/branch/{cast.street.pk}/found/",
        {**deed, **names, "level": "unit"},
    )
    return Branch.objects.get(name="骑手妇联").pk


def test_the_form_that_moves_a_branch(district_office, cast):
    deed = {"on": "2026-03-01", "reason": "区划调整", "document_number": "1号"}
    page = f"/admin/federation/branch/{cast.community.pk}/transfer/"
    answers = {**deed, "parent": cast.sister_street.pk}

    marked = marked_by(lambda: district_office.post(page, answers))

    assert Branch.objects.get(pk=cast.community.pk).parent == cast.sister_street
    moved = {cast.community.pk, cast.street.pk, cast.sister_street.pk}
    assert {branch for branch, _ in marked} == moved


def test_an_import_marks_every_new_branch_and_its_parent(cast, tmp_path):
    file = tmp_path / "new.csv"
    file.write_text(
        "code,name,level,parent_code,parent_name\n"
        "370114001077,新开社区居民委员会,village,370114001,明水街道\n",
        encoding="utf-8",
    )

    marked = marked_by(lambda: import_branches(file))

    new = Branch.objects.get(code="370114001077")
    assert Placement.objects.filter(branch=new).count() == 1
    assert {branch for branch, _ in marked} == {new.pk, cast.street.pk}


# Dated numbers of a branch ------------------------------------------------------


def test_the_form_of_a_number_and_its_line_on_the_branchs_page(district_office, cast):
    answers = {
        "branch": cast.community.pk,
        "figure": "courtyards",
        "as_of": "2026-03-31",
        "value": "208",
        "source": "村统计表",
    }
    add = "/admin/federation/branchstat/add/"
    marked = marked_by(lambda: district_office.post(add, answers))
    assert marked == {(cast.community.pk, MARCH)}

    stat = BranchStat.objects.get()
    line = {f"stats-0-{name}": value for name, value in answers.items()}
    line |= {"stats-0-id": stat.pk, "stats-0-as_of": "2026-05-31"}
    page = f"/admin/federation/branch/{cast.community.pk}/change/"
    form = {
        "short_name": cast.community.short_name,
        "kind": "region",
        "place_name": "",
        "stats-TOTAL_FORMS": 1,
        "stats-INITIAL_FORMS": 1,
    }
    marked = marked_by(lambda: district_office.post(page, form | line))
    assert marked >= {(cast.community.pk, MARCH), (cast.community.pk, MAY)}


def test_a_number_that_no_rate_is_given_of_marks_nothing(cast):
    women = {"figure": "women", "as_of": MARCH, "value": 900, "source": "年报"}

    assert marked_by(lambda: cast.community.stats.create(**women)) == set()


# Households ---------------------------------------------------------------------


def test_the_form_of_a_household_that_leaves(clerk, cast):
    answers = {
        "branch": cast.community.pk,
        "number": "1",
        "contact_name": "孟桂芳",
        "occupancy": "lived_in",
        "entered_on": "2026-03-08",
    }
    add = "/admin/families/household/add/"
    marked = marked_by(lambda: clerk.post(add, answers))
    assert marked == {(cast.community.pk, MARCH)}

    page = f"/admin/families/household/{Household.objects.get().pk}/change/"
    answers |= {"left_on": "2026-05-08"}
    marked = marked_by(lambda: clerk.post(page, answers))
    assert marked == {(cast.community.pk, MARCH), (cast.community.pk, MAY)}


def test_the_form_of_an_inspection(clerk, cast):
    standards.load_first(MARCH)
    criteria = Standard.objects.get(subject="village").criteria.filter(is_veto=False)
    answers = {f"score_{one.pk}": one.weight for one in criteria}
    answers |= {"branch": cast.community.pk, "kind": "self"}
    answers |= {"inspected_on": "2026-05-08", "client_token": str(uuid.uuid4())}
    page = "/admin/families/inspection/record/"

    marked = marked_by(lambda: clerk.post(page, answers))

    row = Inspection.objects.get()
    assert row.points == 100
    assert marked == {(cast.community.pk, MAY)}
    assert marked_by(lambda: clerk.post(page, answers)) == set()

    page = f"/admin/families/inspection/{row.pk}/change/"
    marked = marked_by(lambda: clerk.post(page, answers | {"remark": "重看"}))
    assert Inspection.objects.get().remark == "重看"
    assert marked == {(cast.community.pk, MAY)}


def test_the_page_that_takes_a_plate_back(office, cast):
    row = RecognitionFactory(
        household__branch=cast.community,
        batch=BatchFactory(branch=cast.street),
        stage="granted",
        granted_on=date(2026, 3, 8),
        review_due_on=date(2027, 3, 8),
    )
    answers = {"act": "revoke", "on": "2026-05-08", "reason": "整改不到位"}
    page = f"/admin/families/recognition/{row.pk}/change/"

    marked = marked_by(lambda: office.post(page, answers))

    assert Recognition.objects.get().stage == "revoked"
    assert marked == {(cast.community.pk, MARCH), (cast.community.pk, MAY)}


# Posts --------------------------------------------------------------------------


def post_answers(branch, prefix="", **changes) -> dict:
    answers = {
        "branch": branch.pk,
        "term": "",
        "title": "committee",
        "started_on": "2026-05-08",
        "ended_on": "",
        "ending": "",
    } | changes
    return {f"{prefix}{name}": value for name, value in answers.items()}


def test_the_form_that_enters_and_moves_a_post(office, cast):
    member = MemberFactory(branch=cast.community)
    answers = {"member": member.pk, **post_answers(cast.community)}
    marked = marked_by(lambda: office.post("/admin/members/post/add/", answers))
    assert marked == {(cast.community.pk, MAY)}

    page = f"/admin/members/post/{Post.objects.get().pk}/change/"
    moved = {"member": member.pk, **post_answers(cast.second, started_on="2026-03-08")}
    marked = marked_by(lambda: office.post(page, moved))
    assert marked == {(cast.community.pk, MAY), (cast.second.pk, MARCH)}


def test_the_first_post_on_a_persons_page(office, cast):
    answers = {
        "name": "王芳",
        "gender": "female",
        "birth_month": "",
        "branch": cast.community.pk,
        "phone": "",
        "posts-TOTAL_FORMS": 1,
        "posts-INITIAL_FORMS": 0,
        **post_answers(cast.second, "posts-0-"),
    }

    marked = marked_by(lambda: office.post("/admin/members/member/add/", answers))

    assert marked == {(cast.second.pk, MAY)}


def test_the_form_of_a_person_marks_where_she_is_in_post(office, cast):
    post = PostFactory(member__branch=cast.community, started_on=date(2026, 3, 8))
    page = f"/admin/members/member/{post.member_id}/change/"
    answers = {
        "name": post.member.name,
        "gender": "female",
        "branch": cast.community.pk,
        "birth_month": "1985-03",
    }

    marked = marked_by(lambda: office.post(page, answers))
    assert marked == {(cast.community.pk, MARCH)}

    answers["work_unit"] = "明一社区"
    assert marked_by(lambda: office.post(page, answers)) == set()


def test_the_form_of_a_term(office, cast):
    answers = {
        "branch": cast.community.pk,
        "number": "12",
        "status": "elected",
        "elected_on": "2026-03-08",
        "due_on": "",
    }

    marked = marked_by(lambda: office.post("/admin/members/term/add/", answers))
    assert marked == {(cast.community.pk, MARCH)}

    page = f"/admin/members/term/{Term.objects.get().pk}/change/"
    answers |= {"elected_on": "2026-05-08", "due_on": "2031-05-08"}
    marked = marked_by(lambda: office.post(page, answers))
    assert marked == {(cast.community.pk, MARCH), (cast.community.pk, MAY)}


def test_the_form_of_an_honour(office, cast):
    answers = {
        "branch": cast.community.pk,
        "title": "三八红旗手",
        "rank": "city",
        "awarding_body": "市妇联",
        "awarded_on": "2026-03-08",
        "holder_name": "王芳",
        "state": "awarded",
    }

    marked = marked_by(lambda: office.post("/admin/members/honour/add/", answers))
    assert marked == {(cast.community.pk, MARCH)}

    page = f"/admin/members/honour/{Honour.objects.get().pk}/change/"
    revoked = answers | {"state": "revoked"}
    assert marked_by(lambda: office.post(page, revoked)) == {(cast.community.pk, MARCH)}


def test_the_form_of_a_delegate(office, cast):
    member = MemberFactory(branch=cast.community)
    answers = {
        "member": member.pk,
        "branch": cast.community.pk,
        "level": "city",
        "congress": "16",
        "started_on": "2026-03-08",
    }

    marked = marked_by(lambda: office.post("/admin/members/delegate/add/", answers))

    assert marked == {(cast.community.pk, MARCH)}
