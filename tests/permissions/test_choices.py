"""What forms, filters, searches and autocompletes offer, and what they accept."""

import json

import pytest
from django.contrib import admin
from django.db import transaction
from django.forms import ModelChoiceField
from django.test import RequestFactory
from django.urls import ResolverMatch, reverse

from activities.models import Activity, ActivityPartner
from federation.models import BranchStat, Grant, User
from federation.roles import Role
from federation.scope import is_scoped
from members.models import Member, Post, Term
from tests.factories import GrantFactory, MemberFactory, PostFactory
from tests.permissions.table import ACTORS, Row
from tests.permissions.visits import sent_by, visit
from tests.permissions.world import FOREIGN, OWN, PHONES

pytestmark = pytest.mark.django_db

PLACE_BOUND = ("clerk", "reviewer", "sister_reviewer")
HIDDEN = {"clerk": FOREIGN, "reviewer": FOREIGN, "sister_reviewer": OWN}
REGISTRY = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
BY_LABEL = {"argvalues": REGISTRY, "ids": [m._meta.label for m, _ in REGISTRY]}


def asked(world, actor, url_name="x_add", **kwargs):
    request = RequestFactory().get("/admin/")
    request.user = world.users[actor]
    request.resolver_match = ResolverMatch(None, (), kwargs, url_name)
    return request


def offered(form):
    """Return (name, queryset) of each choice of rows that belong to a branch."""
    return [
        (name, field.queryset)
        for name, field in form.base_fields.items()
        if isinstance(field, ModelChoiceField) and is_scoped(field.queryset.model)
    ]


@pytest.mark.parametrize(("model", "model_admin"), **BY_LABEL)
@pytest.mark.parametrize("verb", ["add", "change"])
@pytest.mark.parametrize("actor", PLACE_BOUND)
def test_forms_and_inlines_offer_no_foreign_row(world, model, model_admin, verb, actor):
    request = asked(world, actor, f"{model._meta.label_lower}_{verb}")
    hidden, row = HIDDEN[actor], None
    if verb == "change":
        row = world.rows.get((model, OWN if hidden == FOREIGN else FOREIGN))
    if not getattr(model_admin, f"has_{verb}_permission")(request, row):
        return  # no form: the page is refused, or shows without asking
    choices = offered(model_admin.get_form(request, row, change=row is not None))
    for inline in model_admin.get_inline_instances(request, row):
        choices += offered(inline.get_formset(request, row).form)
    open_to_all = getattr(model_admin, "any_branch_fields", ())

    leaking = [
        name
        for name, queryset in choices
        if (queryset.model, hidden) in world.rows
        and name not in open_to_all
        and queryset.filter(pk=world.row(queryset.model, hidden).pk).exists()
    ]
    assert leaking == []


def autocompletes():
    """Return each (admin, source model, field) that offers rows while one types."""
    found = []
    for model, model_admin in REGISTRY:
        for one in (model_admin, *model_admin.inlines):
            source = getattr(one, "model", model)
            names = getattr(one, "autocomplete_fields", ())
            found += [(source._meta.label_lower, name) for name in names]
    return sorted({*found, ("federation.succession", "new_parent")})


@pytest.mark.parametrize(("source", "field"), autocompletes())
@pytest.mark.parametrize("verb", ["", "add", "change", "none-such"])
@pytest.mark.parametrize("actor", PLACE_BOUND)
def test_autocompletes_name_no_foreign_row(world, source, field, verb, actor):
    app, _, model = source.partition(".")
    hidden = HIDDEN[actor]

    response = world.client(actor).get(
        reverse("admin:autocomplete"),
        {
            "app_label": app,
            "model_name": model,
            "field_name": field,
            "verb": verb,
            "term": "",
        },
    )

    assert response.status_code in (200, 403)
    secrets = [*world.secrets_of(hidden), world.places[hidden].short_name]
    shown = [response.content.decode()]  # whoever may choose none gets a page
    if response.status_code == 200:
        shown = [row["text"] for row in json.loads(response.content)["results"]]
    assert [text for text in shown if any(secret in text for secret in secrets)] == []


@pytest.mark.parametrize(("model", "model_admin"), **BY_LABEL)
@pytest.mark.parametrize("actor", PLACE_BOUND)
def test_no_question_to_a_list_finds_a_foreign_row(world, model, model_admin, actor):
    hidden = HIDDEN[actor]
    branch = world.places[hidden]
    address = reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    )
    questions = [
        {"q": branch.short_name},
        {"q": branch.code},
        {"branch__id__exact": branch.pk},
        {"branch": branch.pk},
        {"place": branch.code},
        {"standing": "all"},
        {"branch__path__startswith": branch.path},
    ]
    secrets = world.secrets_of(hidden)

    for question in questions:
        answer = world.client(actor).get(address, question)
        page = answer.content.decode()
        assert answer.status_code in (200, 302, 400, 403), question
        assert [secret for secret in secrets if secret in page] == [], question
        told = {branch.short_name} - set(map(str, question.values()))
        assert [name for name in told if name in page] == [], question


def test_the_menu_search_finds_no_foreign_row(world):
    for actor in PLACE_BOUND:
        hidden = HIDDEN[actor]
        for secret in (*world.secrets_of(hidden), world.places[hidden].short_name):
            answer = world.client(actor).get(
                reverse("admin:search"), {"s": secret, "extended": "1"}
            )
            assert reverse("admin:index") not in answer.content.decode()


def test_phones_are_whole_on_the_record_of_those_who_keep_it_only(world):
    member = world.row(Member, OWN)
    listed = reverse("admin:members_member_changelist")
    page = reverse("admin:members_member_change", args=[member.pk])
    shown = {
        actor: [
            PHONES[OWN] in world.client(actor).get(address).content.decode()
            for address in (listed, page)
        ]
        for actor in ACTORS
    }

    assert shown == {
        "anonymous": [False, False],
        "clerk": [False, False],
        "reviewer": [False, True],
        "sister_reviewer": [False, False],
        "district_admin": [False, True],
        "auditor": [False, False],
        "ended": [False, False],
        "mixed": [False, False],
    }


# A row is moved to, or made for, a branch that is not hers


@pytest.mark.parametrize(
    ("actor", "model"),
    [
        ("clerk", Activity),
        ("reviewer", Activity),
        ("reviewer", Member),
        ("reviewer", Post),
        ("reviewer", Term),
        ("reviewer", User),
    ],
)
def test_the_id_of_another_branch_in_the_form_is_refused(world, actor, model):
    options = model._meta
    name = f"admin:{options.app_label}_{options.model_name}_change"
    row = Row(name, "POST", OWN, {})
    data = sent_by(world, row)["data"] | {"branch": world.places[FOREIGN].pk}
    answer = visit(world, actor, row, data)

    assert answer.status == 200
    assert answer.entries == []


@pytest.mark.parametrize(
    ("place", "role"),
    [
        (FOREIGN, Role.CLERK),
        (OWN, Role.REVIEWER),
        (OWN, Role.AUDITOR),
        (OWN, Role.DISTRICT_ADMIN),
    ],
)
def test_a_reviewer_grants_nothing_beyond_her_right(world, place, role):
    added = Row("admin:federation_user_add", "POST", OWN, {})
    data = sent_by(world, added)["data"]
    data |= {"branch": world.places[place].pk, "role": role}
    assert visit(world, "reviewer", added, data).entries == []

    changed = Row("admin:federation_user_change", "POST", OWN, {})
    data = sent_by(world, changed)["data"] | {
        "grants-TOTAL_FORMS": "2",
        "grants-1-branch": world.places[place].pk,
        "grants-1-role": role,
        "grants-1-starts_on": "2026-01-01",
    }
    answer = visit(world, "reviewer", changed, data)
    assert [e for e in answer.entries if e.content_type.model == "grant"] == []


def test_a_grant_is_not_turned_into_another_one(world):
    row = Row("admin:federation_user_change", "POST", OWN, {})
    grant = world.row(Grant, OWN)
    data = sent_by(world, row)["data"] | {
        "grants-0-role": Role.DISTRICT_ADMIN,
        "grants-0-branch": world.district.pk,
    }
    with transaction.atomic():
        world.client("reviewer").post(
            reverse("admin:federation_user_change", args=[grant.user_id]), data
        )
        grant.refresh_from_db()
        assert (grant.role, grant.branch) == (Role.CLERK, world.places[OWN])
        transaction.set_rollback(True)


def test_nobody_becomes_a_superuser_through_a_form(world):
    row = Row("admin:federation_user_change", "POST", OWN, {})
    data = sent_by(world, row)["data"] | {"is_superuser": "on", "password": "x"}
    account = world.row(User, OWN)
    with transaction.atomic():
        world.client("district_admin").post(
            reverse("admin:federation_user_change", args=[account.pk]), data
        )
        kept = User.objects.get(pk=account.pk)
        assert (kept.is_superuser, kept.password) == (False, account.password)
        transaction.set_rollback(True)


def test_a_person_of_hers_keeps_the_posts_that_are_elsewhere(world):
    """Who keeps one village's register and reads the other's must not take a post of
    the other one over, through the page of a person of her own."""
    with transaction.atomic():
        keeper = world.users["auditor"]
        GrantFactory(user=keeper, branch=world.places[OWN], role=Role.REVIEWER)
        member = MemberFactory(name="两地任职", branch=world.places[OWN])
        elsewhere = PostFactory(member=member, branch=world.places[FOREIGN])
        page = reverse("admin:members_member_change", args=[member.pk])
        sent = {
            "name": member.name,
            "gender": member.gender,
            "branch": member.branch_id,
            "posts-TOTAL_FORMS": "1",
            "posts-INITIAL_FORMS": "1",
            "posts-0-id": elsewhere.pk,
            "posts-0-member": member.pk,
            "posts-0-branch": world.places[OWN].pk,
            "posts-0-title": "chair",
            "posts-0-started_on": "2021-03-01",
        }
        world.client("auditor").post(page, sent)
        elsewhere.refresh_from_db()
        assert (elsewhere.branch, elsewhere.title) == (
            world.places[FOREIGN],
            "committee",
        )
        # And the page without that post can be saved.
        sent |= {"name": "改了姓名", "posts-TOTAL_FORMS": "0"}
        sent["posts-INITIAL_FORMS"] = "0"
        world.client("auditor").post(page, sent)
        member.refresh_from_db()
        assert member.name == "改了姓名"
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", [Member, Post, Term, User, BranchStat, Activity])
def test_who_keeps_one_village_and_reads_the_other_changes_the_one_only(world, model):
    """The pairs of both grants: with the place dropped, a reader of the district who
    is everything in one village would change all of them."""
    options = model._meta
    name = f"admin:{options.app_label}_{options.model_name}_change"
    rows = {variant: Row(name, "POST", variant, {}) for variant in (OWN, FOREIGN)}
    with transaction.atomic():
        for role in (Role.REVIEWER, Role.DISTRICT_ADMIN):
            GrantFactory(
                user=world.users["mixed"], branch=world.sister_street, role=role
            )
        read = visit(world, "mixed", rows[OWN]._replace(method="GET"))
        answers = {place: visit(world, "mixed", row) for place, row in rows.items()}
        transaction.set_rollback(True)

    assert read.status == 200
    assert (answers[OWN].status, answers[OWN].entries) == (403, [])
    assert answers[FOREIGN].entries != []


def test_a_partner_gains_no_right(world):
    """What a branch of hers takes part in is to be read, not to be changed."""
    with transaction.atomic():
        activity = world.row(Activity, "foreign-public")
        ActivityPartner.objects.create(
            activity=activity, branch=world.places[OWN], role="joint"
        )
        user = world.users["clerk"]
        joined = world.client("clerk").get(reverse("admin:activities_activity_joined"))
        assert activity.title in joined.content.decode()
        assert not user.has_perm("activities.view_activity", activity)
        assert not user.has_perm("activities.change_activity", activity)
        transaction.set_rollback(True)
