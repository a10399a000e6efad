"""What keeps strangers out, and what a stolen click or a guessed password is worth."""

import re
from html.parser import HTMLParser

import pytest
from auditlog.models import LogEntry
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from activities.models import ActivityPhoto
from federation.tokens import issue_token
from tests.permissions import table
from tests.permissions.visits import address, sent_by
from tests.permissions.world import BACKEND, PHONES, PlainClient, one_world
from tests.test_scripts import run_python

# Policies, headers and origins know of no database.
pytestmark = pytest.mark.anywhere

LOGIN = "/admin/login/"
ROWS = table.rows("routes")
GET_ROWS = [row for row in ROWS if row.verb == "GET"]
PUBLIC_ROWS = [
    row
    for row in GET_ROWS
    if row.allowed["anonymous"] and not row.name.startswith("admin")
]
ELSEWHERE = [
    row
    for row in GET_ROWS
    if row.allowed["district_admin"] and not row.name.startswith("admin")
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with one_world(django_db_blocker) as world:
        yield world


@pytest.fixture(autouse=True)
def unhurried():
    cache.clear()


@pytest.fixture
def visitor(db):
    return PlainClient()


def page_of(world, row, client) -> tuple:
    response = client.get(address(world, row), sent_by(world, row).get("data"))
    is_html = response.get("Content-Type", "").startswith("text/html")
    return response, response.content.decode() if is_html else ""


# The Content-Security-Policy


class Findings(HTMLParser):
    """What a strict policy would stop, or fetch from elsewhere."""

    FETCHING = ("script", "link", "img", "iframe", "object", "embed", "form", "use")

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if "style" in attrs or tag == "style":
            self.found.append(f"<{tag}> with a style")
        if handlers := [name for name in attrs if name.startswith(("on", "hx-on"))]:
            self.found.append(f"<{tag}> with {handlers}")
        if tag == "script" and not attrs.get("src"):
            self.found.append("inline script")
        for name in ("src", "href", "action", "srcset", "data"):
            target = attrs.get(name, "").strip().lower()
            if target.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append(f"<{tag}> {name} runs script")
            ours = target.startswith("http://testserver/")
            away = target.startswith(("//", "http:", "https:")) and not ours
            if away and tag in self.FETCHING:
                self.found.append(f"<{tag}> fetches {target}")


def policy_of(response) -> dict[str, list[str]]:
    header = response.headers["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in header.split("; ")}


def is_strict(response) -> bool:
    policy = policy_of(response)
    return (
        policy["default-src"] == ["'self'"]
        and "unsafe" not in str(policy)
        and "*" not in str(policy)
        and policy["object-src"] == ["'none'"]
        and policy["frame-ancestors"] == ["'none'"]
        and policy["base-uri"] == policy["form-action"] == ["'self'"]
    )


@pytest.mark.parametrize("row", PUBLIC_ROWS, ids=str)
def test_public_pages_run_nothing_inline_and_fetch_nothing_from_elsewhere(
    world, row, visitor
):
    response, page = page_of(world, row, visitor)

    assert is_strict(response)
    assert Findings(page).found == []


def test_staff_pages_outside_the_admin_are_as_strict(world, db):
    client = PlainClient()
    client.force_login(world.users["district_admin"], BACKEND)

    for row in ELSEWHERE:
        response, page = page_of(world, row, client)
        assert is_strict(response), row
        assert Findings(page).found == [], row


@pytest.mark.parametrize(
    "path", ["/nothing/", "/admin", "/administration/", "/api/admin/", "/Admin/"]
)
def test_the_exception_is_for_the_admin_alone(visitor, path):
    assert is_strict(visitor.get(path))
    assert not is_strict(visitor.get(LOGIN))


def test_error_pages_are_as_strict(visitor):
    missing = visitor.get("/nothing/")
    forged = PlainClient(enforce_csrf_checks=True).post(
        reverse("federation:account_reset")
    )

    assert (missing.status_code, forged.status_code) == (404, 403)
    for response in (missing, forged):
        assert is_strict(response)
        assert Findings(response.content.decode()).found == []


def test_htmx_needs_no_eval_and_no_inline_style(visitor):
    page = visitor.get("/").content.decode()

    config = re.search(r"name=\"htmx-config\"\s+content='([^']+)'", page).group(1)
    assert '"includeIndicatorStyles": false' in config
    assert '"allowEval": false' in config


def test_other_headers_guard_every_answer(visitor):
    response = visitor.get("/")

    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"


# What is never public


def test_no_public_page_knows_people_accounts_or_phones(world, db):
    secrets = [secret for place in PHONES for secret in world.secrets_of(place)]
    told = [
        (str(row), secret)
        for row in PUBLIC_ROWS
        for secret in secrets
        if secret
        in world.client("anonymous")
        .get(address(world, row))
        .getvalue()
        .decode("utf-8", "replace")
    ]

    assert told == []


@pytest.mark.parametrize("path", ["/media/", "/media/photos/", "/photos/", "/var/"])
def test_files_have_no_address_of_their_own(world, visitor, path):
    photo = world.row(ActivityPhoto, "own-public")

    assert visitor.get(path).status_code == 404
    assert visitor.get(f"{path}{photo.image.name}").status_code == 404


@pytest.mark.parametrize("path", ["/static/", "/static/css/", "/static/../manage.py"])
def test_folders_are_not_listed(visitor, path):
    assert visitor.get(path).status_code == 404


def test_a_photo_is_no_page_and_is_not_kept_by_proxies_before_it_is_public(world, db):
    hidden = reverse("activities:photo", args=[world.row(ActivityPhoto, "own").key])
    client = PlainClient()
    client.force_login(world.users["clerk"], BACKEND)
    response = client.get(hidden)

    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "public" not in response.headers.get("Cache-Control", "")


def test_what_staff_read_is_kept_by_no_shared_cache(world, db):
    client = PlainClient()
    client.force_login(world.users["district_admin"], BACKEND)
    kept = []
    for row in GET_ROWS:
        if row.allowed["district_admin"]:
            response, _ = page_of(world, row, client)
            control = response.headers.get("Cache-Control", "")
            if "private" not in control and not row.allowed["anonymous"]:
                kept.append(f"{row}: {control}")

    assert kept == []


def test_what_a_token_reads_is_kept_by_no_shared_cache(world, visitor):
    token = f"Token {issue_token(world.users['clerk'])}"
    response = visitor.get("/api/v1/activities/", headers={"authorization": token})

    assert response.status_code == 200
    assert "private" in response.headers["Cache-Control"]


# Forged requests


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.verb == "POST" and row.name.startswith("admin:")],
    ids=str,
)
def test_a_form_from_another_site_does_nothing(world, row, db):
    client = PlainClient(enforce_csrf_checks=True)
    client.force_login(world.users["district_admin"], BACKEND)
    with transaction.atomic():
        sent = sent_by(world, row)
        before = LogEntry.objects.count()
        response = client.post(
            address(world, row),
            **sent,
            headers={"origin": "https://evil.example"},
        )
        assert LogEntry.objects.count() == before
        assert response.status_code == 403
        transaction.set_rollback(True)


def test_a_foreign_host_name_is_refused(visitor):
    assert visitor.get("/", headers={"host": "evil.example"}).status_code == 400


# Settings


def test_a_site_in_production_passes_djangos_own_deployment_check(tmp_path):
    done = run_python(
        "manage.py",
        "check",
        "--deploy",
        tmp_path=tmp_path,
        SECRET_KEY="x9-Lk2" * 12,
        ALLOWED_HOSTS="site.example",
    )

    assert done.returncode == 0, done.stderr
    warned = set(re.findall(r"security\.W\d+", done.stdout + done.stderr))
    # Subdomains and the browsers' preload list belong to whoever owns the domain.
    assert warned <= {"security.W005", "security.W021"}
