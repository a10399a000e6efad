"""docs/permissions.md, read line by line and tried cell by cell."""

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.test import RequestFactory

from activities import review
from activities.models import Activity
from activities.serializers import PUBLIC_FIELDS
from federation.checks import OURS
from federation.roles import GRANTABLE, Role, permissions_of
from federation.scope import is_scoped
from tests.permissions import table
from tests.permissions.routes import admin_model, all_routes
from tests.permissions.visits import is_done, visit
from tests.permissions.world import FOREIGN, OWN, PHONES, one_world

ROLES = ("clerk", "reviewer", "district_admin", "auditor")
ROWS = table.rows("routes")
PLACES_OF = {
    "anonymous": set(),
    "clerk": {OWN},
    "reviewer": {OWN},
    "sister_reviewer": {FOREIGN},
    "district_admin": {OWN, FOREIGN},
    "auditor": {OWN, FOREIGN},
    "ended": set(),
    "mixed": {OWN, FOREIGN},
}
# All of the actors, who sees and may most last.
MAY_MOST = (
    "anonymous",
    "ended",
    "auditor",
    "mixed",
    "clerk",
    "sister_reviewer",
    "reviewer",
    "district_admin",
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with one_world(django_db_blocker) as world:
        yield world


# The table is complete


def test_every_address_is_in_the_table_and_no_other():
    listed = {row.name for row in ROWS}
    found = {route.name for route in all_routes()}

    assert found - listed == set(), "write these into docs/permissions.md first"
    assert listed - found == set(), "these do not exist any more"


def test_every_method_of_the_api_is_in_the_table():
    listed = {(row.name, row.verb) for row in ROWS}
    found = {(route.name, verb) for route in all_routes() for verb in route.api_methods}

    assert found - listed == set(), "write these into docs/permissions.md first"


def test_every_action_of_the_admin_is_in_the_table(world):
    listed = {(admin_model(row.name), row.action) for row in ROWS if row.action}
    request = RequestFactory().get("/admin/")
    request.user = world.users["superuser"]
    found = {
        (model, name)
        for model, model_admin in admin.site._registry.items()
        for name in model_admin.get_actions(request)
    }
    buttons = {row.button for row in ROWS}
    pressed = {
        name
        for model_admin in admin.site._registry.values()
        for name in getattr(model_admin, "actions_submit_line", ())
    }

    assert found - listed == set(), "write these into docs/permissions.md first"
    assert listed - found == set(), "these do not exist any more"
    assert pressed <= buttons, "write these into docs/permissions.md first"


def test_a_form_of_the_admin_is_tried_by_sending_it():
    forms = {
        row.name for row in ROWS if row.name.endswith(("_add", "_change", "_delete"))
    }
    sent = {row.name for row in ROWS if row.verb == "POST"}

    assert forms - sent - {"admin:password_change"} == set()


def test_every_object_is_tried_in_both_villages():
    tried = {}
    for row in ROWS:
        if row.variant:
            place = row.variant.partition("-")[0]
            tried.setdefault((row.name, row.method), set()).add(place)
    # The account of a superior is dangerous in one's own village only.
    one_sided = {key for key, places in tried.items() if places != {OWN, FOREIGN}}

    assert one_sided == set()


# The table is true


@pytest.mark.production
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_may_what_where(world, row, db):
    assert_true(world, row, table.ACTORS)


@pytest.mark.sqlite
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_whoever_may_most_may_it_on_the_other_database_too(world, row, db):
    """Grants are weighed alike on both, so one part tells that; here each address is
    asked by who gets most out of it, and so are the queries behind it."""
    may = [actor for actor in reversed(MAY_MOST) if row.allowed[actor]]

    assert_true(world, row, may[:1] or ["district_admin"])


def assert_true(world, row, actors):
    done, leaks = {}, {}
    for actor in actors:
        answer = visit(world, actor, row)
        assert answer.status < 500 or row.name == "federation:healthz", actor
        if row.verb == "GET":
            # A link somebody is sent must not act in her name.
            assert {entry.action for entry in answer.entries} <= {
                LogEntry.Action.ACCESS
            }
        done[actor] = is_done(row, answer)
        leaks[actor] = leaked(world, actor, row, answer)

    assert done == {actor: row.allowed[actor] for actor in actors}
    assert leaks == dict.fromkeys(actors, [])


def leaked(world, actor, row, answer) -> list[str]:
    """Return the secrets in *answer* that *actor* may not read: rows of a village that
    is not hers, in filters, inlines, exports or history; phones for the auditor."""
    secrets = [
        secret
        for place in (OWN, FOREIGN)
        if place not in PLACES_OF[actor]
        for secret in world.secrets_of(place)
    ]
    if actor == "auditor" or (actor == "mixed" and not keeps_as_clerk(row)):
        secrets += PHONES.values()
    if row.name.startswith(("admin:", "rollups")) and PLACES_OF[actor]:
        hidden = {OWN, FOREIGN} - PLACES_OF[actor]
        secrets += [world.places[place].short_name for place in hidden]
    return [secret for secret in secrets if secret in answer.text]


def keeps_as_clerk(row) -> bool:
    """Tell whether whoever is an auditor everywhere sees *row* whole, as the clerk she
    is in the foreign village: a village keeps its own households."""
    return row.name.startswith("admin:families_household") and row.variant == FOREIGN


def test_what_is_not_in_the_table_changes_nothing(world, db):
    """Methods nobody listed: tried by whoever may most. The admin knows POST alone."""
    listed = {(row.name, row.verb) for row in ROWS}
    tried = [
        row._replace(method=verb)
        for row in {row.name: row for row in ROWS}.values()
        for verb in ("POST", "PUT", "PATCH", "DELETE")
        if verb == "POST" or not row.name.startswith("admin")
    ]
    done = [
        str(row)
        for row in tried
        if (row.name, row.verb) not in listed
        and visit(world, "district_admin", row, {}).entries
    ]

    assert done == []


# Roles and models


def permission_rows():
    return [
        (table.code(model), table.code(verb), table.code(place), answers)
        for model, verb, place, *answers in table.cells("models")
    ]


def test_the_roles_hold_what_the_table_says_and_no_more():
    written = {role: set() for role in ROLES}
    for model, verb, _place, answers in permission_rows():
        app, _, name = model.partition(".")
        for role, answer in zip(ROLES, answers, strict=True):
            if answer == "是":
                written[role].add(f"{app}.{verb}_{name}")

    assert written == {role: set(permissions_of(role)) for role in ROLES}


@pytest.mark.parametrize(
    ("actor", "place", "roles"),
    [
        ("clerk", OWN, ["clerk"]),
        ("reviewer", OWN, ["reviewer"]),
        ("sister_reviewer", FOREIGN, ["reviewer"]),
        ("mixed", OWN, ["auditor"]),
        ("mixed", FOREIGN, ["auditor", "clerk"]),
        ("clerk", FOREIGN, []),
        ("reviewer", FOREIGN, []),
        ("sister_reviewer", OWN, []),
        ("ended", OWN, []),
        ("ended", FOREIGN, []),
    ],
)
def test_a_role_reaches_the_granted_place_and_what_is_below(
    world, actor, place, roles, db
):
    user = world.users[actor]
    held = set().union(*map(permissions_of, roles))
    wrong = []
    for (model, variant), row in world.rows.items():
        if variant != place or not is_scoped(model):
            continue
        options = model._meta
        for verb in ("view", "add", "change", "delete", "review", "succeed", "export"):
            permission = f"{options.app_label}.{verb}_{options.model_name}"
            expected = permission in held
            if user.has_perm(permission, row) != expected:
                wrong.append(permission)
            reached = model._default_manager.visible_to(user, permission)
            if reached.filter(pk=row.pk).exists() != expected:
                wrong.append(f"queryset of {permission}")

    assert wrong == []


def test_the_world_has_a_row_of_each_model_that_belongs_to_a_branch(world):
    scoped = {
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and is_scoped(model)
        and model._meta.default_permissions
    }

    assert {model for model in scoped if (model, FOREIGN) not in world.rows} == set()


def test_the_reviewers_do_not_close_months_and_the_auditor_changes_nothing():
    changing = {
        permission
        for permission in permissions_of(Role.AUDITOR)
        if not permission.partition(".")[2].startswith(("view_", "export_rollup"))
    }

    assert "federation.close_reportingmonth" not in permissions_of(Role.REVIEWER)
    assert changing == set()


def test_nobody_approves_her_own_entry(world, db):
    for actor in ("reviewer", "district_admin"):
        user = world.users[actor]
        with transaction.atomic():
            activity = Activity(
                title="自己录入的",
                branch=world.places[OWN],
                programme=world.row(Activity, OWN).programme,
                starts_on=world.row(Activity, OWN).starts_on,
            )
            review.save(activity, user, submit=True)

            assert not review.may_decide(user, activity)
            transaction.set_rollback(True)


def test_who_may_grant_which_role():
    written = {
        table.code(name): {
            role for role, answer in zip(ROLES, answers, strict=True) if answer == "是"
        }
        for name, *answers in table.cells("grantable")
    }

    assert written == {role: set(map(str, GRANTABLE[Role(role)])) for role in ROLES}


def test_the_public_fields_are_the_ones_in_the_document():
    assert [table.code(name) for (name,) in table.cells("public_fields")] == list(
        PUBLIC_FIELDS
    )
