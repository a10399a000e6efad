"""How each route is tried: its address for a row of the world, and what is sent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse

from activities.models import Activity, ActivityPhoto
from families.models import Household, Inspection, InspectionPhoto, Plate
from federation.models import Disclosure, Grant, Programme
from members.models import Election, Post, Term
from rollups.models import Correction, ReportedFigure
from tests.factories import PASSWORD
from tests.permissions import families, forms
from tests.permissions.routes import admin_model
from tests.permissions.table import Row
from tests.permissions.typed import TYPED, photo
from tests.permissions.world import OWN, World

JSON = {"content_type": "application/json"}


def place_of(variant: str) -> str:
    """Return the village of a variant: ``own-draft`` lies in ``own``."""
    return variant.partition("-")[0] or OWN


# What stands in the addresses of routes that are no admin page of a model.
ARGUMENTS = {
    "activities:calendar_month": lambda world, variant: [2026, 3],
    "activities:calendar_week": lambda world, variant: [2026, 10],
    "activities:calendar_day": lambda world, variant: [2026, 3, 8],
    "activities:detail": lambda world, variant: [world.row(Activity, variant).pk],
    "activities:activity_feed": lambda world, variant: [
        world.row(Activity, variant).pk
    ],
    "activities:photo": lambda world, variant: [world.row(ActivityPhoto, variant).key],
    "families:plate": lambda world, variant: [world.row(Plate, variant).token],
    "families:inspection_photo": lambda world, variant: [
        world.row(InspectionPhoto, variant).key
    ],
    "federation:branch": lambda world, variant: [world.places[variant].code],
    "branch-detail": lambda world, variant: [world.places[variant].code],
    "programme-detail": lambda world, variant: [world.row(Programme, "").slug],
    "rollups:report_table": lambda world, variant: ["permission-table"],
    "rollups:report_csv": lambda world, variant: ["permission-table"],
    "rollups:report_xlsx": lambda world, variant: ["permission-table"],
    "reports-detail": lambda world, variant: ["permission-table"],
    "rollups:month": lambda world, variant: ["2024-01"],
    "rollups:month_close": lambda world, variant: ["2024-01"],
    "rollups:month_reopen": lambda world, variant: ["2024-02"],
    "rollups:month_due": lambda world, variant: ["2024-01"],
    "rollups:report": lambda world, variant: _report_of(world, variant, "2024-01"),
    "rollups:report_confirm": lambda world, variant: _report_of(
        world, variant, "2024-01"
    ),
    "rollups:report_figures": lambda world, variant: _report_of(
        world, variant, "2024-01"
    ),
    "rollups:report_correct_figure": lambda world, variant: _report_of(
        world, variant, "2024-02"
    ),
    "rollups:report_zero": lambda world, variant: _report_of(world, variant, "2023-12"),
    "rollups:report_return": lambda world, variant: _report_of(
        world, variant, "2023-11"
    ),
    "rollups:correction": lambda world, variant: _correction(world, variant),
    "rollups:correction_approve": lambda world, variant: _correction(world, variant),
    "rollups:correction_return": lambda world, variant: _correction(world, variant),
    "rollups:correction_decline": lambda world, variant: _correction(world, variant),
    "rollups:correction_withdraw": lambda world, variant: _correction(world, variant),
    "rollups:correction_again": lambda world, variant: _correction(world, variant),
    "families:walk": lambda world, variant: [world.places[variant].code],
    "families:walk_send": lambda world, variant: [world.places[variant].code],
    "families:walk_photo": lambda world, variant: [world.places[variant].code],
    "rollups:revision": lambda world, variant: ["2024-02", 1],
    "rollups:revision_file": lambda world, variant: ["2024-02", "1", "csv"],
    "month-detail": lambda world, variant: ["2024-01"],
    "admin:app_list": lambda world, variant: ["federation"],
    "admin:activities_activity_joined": lambda world, variant: [],
    "admin:federation_user_dismiss_deputy": lambda world, variant: [
        world.row(Grant, variant).pk
    ],
    "admin:activities_activity_photo": lambda world, variant: [
        world.row(Activity, variant).pk,
        world.row(ActivityPhoto, place_of(variant)).pk,
    ],
    "admin:federation_importrun_start": lambda world, variant: [
        "households" if variant.endswith("-households") else "roster"
    ],
    "admin:members_election_term_change": lambda world, variant: [
        world.row(Election, variant).pk,
        world.row(Term, f"{variant}-planned").pk,
    ],
    "admin:members_election_leave_out": lambda world, variant: [
        world.row(Election, variant).pk,
        world.row(Term, f"{variant}-planned").pk,
    ],
    "admin:members_election_postpone": lambda world, variant: [
        world.places[variant].pk
    ],
    "admin:members_election_by_election": lambda world, variant: [
        world.row(Term, variant).pk
    ],
    "admin:members_election_hand_over": lambda world, variant: [
        world.row(Post, variant).pk
    ],
    "admin:view_on_site": lambda world, variant: [
        ContentType.objects.get_for_model(Activity).pk,
        world.row(Activity, variant).pk,
    ],
}


def _report_of(world: World, variant: str, month: str) -> list[str]:
    return [month, world.places[variant or OWN].code]


def _correction(world: World, variant: str) -> list[int]:
    return [world.row(Correction, variant).pk]


def _month_of(world: World, variant: str) -> dict:
    branch = {"branch": world.places[variant].code} if variant else {}
    return {"from": "2026-03", "to": "2026-03", **branch}


def _number_of(world: World, variant: str) -> dict:
    return _month_of(world, variant) | {"indicator": "activities.sessions"}


def _progress_of(world: World, variant: str) -> dict:
    branch = {"branch": world.places[variant].code} if variant else {}
    return {"month": "2024-01", **branch}


def _report_for(world: World, variant: str) -> dict:
    branch = {"branch": world.places[variant].code} if variant else {}
    return {"period": "2026-03", **branch}


QUERIES = {
    "rollups:report_table": _report_for,
    "rollups:report_csv": _report_for,
    "rollups:report_xlsx": _report_for,
    "reports-detail": _report_for,
    "admin:families_batch_advance": families.to_advance,
    "admin:families_batch_rows": families.of_stage,
    "admin:families_batch_apply": families.of_place,
    "admin:families_batch_board": families.of_place,
    "admin:families_batch_plates": families.of_place,
    "admin:families_inspection_record": families.of_place,
    "rollups:progress": _progress_of,
    "rollups:table": _month_of,
    "rollups:monthly_csv": _month_of,
    "rollups:monthly_xlsx": _month_of,
    "rollups:records": _number_of,
    "rollups-list": _month_of,
    "submission-list": _progress_of,
    "admin:search": lambda world, variant: {"s": "活动", "extended": "1"},
    "admin:autocomplete": lambda world, variant: {
        "app_label": "federation",
        "model_name": "branchstat",
        "field_name": "branch",
        "term": "",
    },
    "admin:members_post_committee": lambda world, variant: (
        {"branch": world.places[variant].pk} if variant else {}
    ),
    "admin:members_post_structure": lambda world, variant: (
        {"branch": world.places[variant].pk} if variant else {}
    ),
    "federation:search": lambda world, variant: {"q": "活动"},
    "branch-list": lambda world, variant: {"page_size": 500},
}
UNNAMED = {r"admin/(?P<url>.*)$": "/admin/none-such/"}


def _draft(world: World, variant: str) -> dict:
    return {
        "title": "接口新建",
        "branch": world.places[variant].code,
        "programme": world.row(Programme, "").slug,
        "starts_on": "2026-03-08",
    }


def _figures_of(world: World, variant: str) -> dict:
    figure = world.row(ReportedFigure, variant)
    return {
        "seen": f"{figure.batch_id}={figure.value}.00",
        f"value_{figure.batch_id}": "5",
        f"why_{figure.batch_id}": "数错了",
    }


def _seen(world: World, variant: str) -> dict:
    return {
        "token": str(uuid.uuid4()),
        "household": world.row(Household, variant).pk,
        "kind": "village",
        "inspected_on": "2026-05-06",
        "scores": families.full_points("household"),
    }


def _photo_of(world: World, variant: str) -> dict:
    token = world.row(Inspection, variant).client_token
    return {"token": token, "key": uuid.uuid4(), "image": photo()}


BODIES = {
    ("families:walk_send", "POST"): _seen,
    ("families:walk_photo", "POST"): _photo_of,
    ("admin:families_batch_advance", "POST"): families.advanced,
    ("admin:families_batch_rows", "POST"): families.ticked,
    ("admin:families_batch_apply", "POST"): families.applied,
    ("admin:families_inspection_record", "POST"): families.seen,
    ("rollups:month_close", "POST"): lambda world, variant: {"reason": ""},
    ("rollups:month_due", "POST"): lambda world, variant: {
        "due_at": "2024-02-06T18:00"
    },
    ("rollups:targets", "POST"): lambda world, variant: {
        "target-370114001": "120",
        "document_number": "章妇〔2026〕2 号",
    },
    ("rollups:expected", "POST"): lambda world, variant: {
        "levels": ["village"],
        "kinds": ["region"],
    },
    ("rollups:reminders", "POST"): lambda world, variant: {"on": "0"},
    ("rollups:report_confirm", "POST"): lambda world, variant: {
        "sessions": 1,
        "attendance": 30,
    },
    ("rollups:report_figures", "POST"): _figures_of,
    ("rollups:report_correct_figure", "POST"): lambda world, variant: {
        "batch": world.row(ReportedFigure, variant).batch_id,
        "token": uuid.uuid4(),
        "value": "7",
        "reason": "漏报",
    },
    ("rollups:report_zero", "POST"): lambda world, variant: {},
    ("rollups:report_return", "POST"): lambda world, variant: {"reason": "少报一场"},
    ("rollups:correction_approve", "POST"): lambda world, variant: {},
    ("rollups:correction_return", "POST"): lambda world, variant: {"reason": "重报"},
    ("rollups:correction_decline", "POST"): lambda world, variant: {"reason": "不实"},
    ("rollups:correction_withdraw", "POST"): lambda world, variant: {},
    ("rollups:month_reopen", "POST"): lambda world, variant: {"reason": "人次有误"},
    # The last title in both kinds of file: 职务 and 门牌.
    ("admin:federation_importrun_columns", "POST"): lambda world, variant: {
        "column-1" if variant.endswith("-households") else "column-2": ""
    },
    ("admin:federation_importrun_answer", "POST"): lambda world, variant: {
        "word-0": world.places[variant].code
    },
    ("activity-list", "POST"): _draft,
    # Moved into the other village: the id in the body is not hers.
    ("activity-detail", "PATCH"): lambda world, variant: {"title": "接口改过"},
    ("activity-return", "POST"): lambda world, variant: {"reason": "重复"},
    ("admin:password_change", "POST"): lambda world, variant: {
        "old_password": PASSWORD,
        "new_password1": "a new horse battery staple",
        "new_password2": "a new horse battery staple",
    },
    ("admin:login", "POST"): lambda world, variant: {
        "username": "actor_clerk",
        "password": PASSWORD,
    },
}
# Changes of these are about the session and leave no entry: the status tells.
OF_THE_SESSION = {"admin:login", "admin:logout"}


@dataclass
class Answer:
    """What came back, and whether something was written."""

    status: int
    location: str
    text: str
    entries: list[LogEntry] = field(default_factory=list)
    exports: int = 0

    @property
    def is_refused(self) -> bool:
        # Django's admin leads to its first page from a row one may not see.
        is_led_away = self.status == 302 and (
            self.location.startswith("/admin/login/") or self.location == "/admin/"
        )
        return is_led_away or self.status in (400, 401, 403, 404, 405, 409)


def visit(world: World, actor: str, row: Row, data: dict | None = None) -> Answer:
    """Let *actor* try *row*, with *data* instead of what is usually sent, and undo
    whatever came of it."""
    options = sent_by(world, row) if data is None else {"data": data}
    client = world.client(actor)
    with transaction.atomic():
        newest = LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
        method = getattr(client, row.verb.lower())
        response = method(address(world, row), **options)
        content = b"" if response.streaming else response.content
        if response.streaming:
            content = b"".join(response.streaming_content)
        answer = Answer(
            response.status_code,
            response.get("Location", ""),
            content.decode("utf-8", "replace"),
            list(LogEntry.objects.filter(pk__gt=newest)),
            Disclosure.objects.filter(act=Disclosure.Act.EXPORTED).count(),
        )
        transaction.set_rollback(True)
    return answer


def is_done(row: Row, answer: Answer) -> bool:
    """Tell whether *answer* means that the actor could do what *row* says."""
    if row.name in OF_THE_SESSION:
        return answer.status in (200, 302)
    if row.verb == "GET":
        return not answer.is_refused
    return bool(answer.entries or answer.exports)


def address(world: World, row: Row) -> str:
    if row.name in UNNAMED:
        return UNNAMED[row.name]
    arguments = []
    if row.name in ARGUMENTS:
        arguments = ARGUMENTS[row.name](world, row.variant)
    elif row.name.startswith("activity-") and row.name != "activity-list":
        arguments = [world.row(Activity, row.variant).pk]
    elif (model := admin_model(row.name)) and _has_object(row.name):
        arguments = [world.row(model, row.variant).pk]
    return reverse(row.name, args=arguments)


# What ends the name of an admin page that is about no row of its own.
OF_NO_ROW = (
    "_changelist",
    "_add",
    "_import",
    "_export",
    "_record",
    "_walk",
    "_record_a_village",
    "_find_duplicates",
    "_duplicates",
    "_export_register",
    "_import_roster",
    "_see_committee",
    "_committee",
    "_progress",
    "_see_structure",
    "_see_deputies",
    "_deputies",
    "_queue",
    "members_post_structure",
)


def _has_object(name: str) -> bool:
    return not name.endswith(OF_NO_ROW)


def sent_by(world: World, row: Row) -> dict:
    """Return what goes along: a query, JSON for the API, else the page's own form."""
    if row.verb == "GET":
        query = QUERIES.get(row.name)
        return {"data": query(world, row.variant)} if query else {}
    body = BODIES.get((row.name, row.method))
    data = body(world, row.variant) if body else None
    if row.name.startswith("activity-") or row.name == "families:walk_send":
        return {"data": data or {}, **JSON}
    if row.action:
        return {"data": {"action": row.action, **_chosen(world, row)}}
    if data is None:
        data = _form_of(world, row) | _typed(world, row)
    if row.button:
        data |= {row.button: "1", "reason": "人次有误"}
    return {"data": data}


def _chosen(world: World, row: Row) -> dict:
    """Return what a list sends for an action on one row, its second page included:
    what looks doubtful is approved all the same."""
    chosen = world.row(admin_model(row.name), row.variant)
    second = {"_return": "1", "reason": "人次有误", "post": "yes"}
    second["doubts"] = "approve"
    return {"_selected_action": [chosen.pk], **second}


def _form_of(world: World, row: Row) -> dict:
    """Return the form of the page as the superuser gets it: more than others see."""
    key = (row.name, row.variant)
    if key not in world.forms:
        response = world.client("superuser").get(address(world, row))
        page = "" if response.streaming else response.content.decode()
        values = forms.values_of(page)
        values.pop("csrfmiddlewaretoken", None)
        world.forms[key] = values
    return world.forms[key]


def _typed(world: World, row: Row) -> dict:
    model = admin_model(row.name)
    verb = row.name.rpartition("_")[2]
    if verb == "delete":
        return {"post": "yes"}
    typed = TYPED.get(row.name) or TYPED.get((model, verb))
    return typed(world, row.variant) if typed else {}
