"""The promise in one story: entered once on a phone, approved, and seconds later in
the calendar, the feed, the district's table and its CSV. The whole site runs: web
server, Celery worker and beat, as script/server starts them."""

import csv
import io
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from federation.months import local_today
from tests.browser.chromium import chromium

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.browser

PASSWORD = "泉城的秋天很长 2026"
TITLE = "国家宪法日普法宣讲进社区"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 60  # seconds until a figure that never comes is a failure

SET_UP = f"""
from federation.imports.branches import import_branches
from federation.models import Branch, Grant, User
from federation.programmes import load_programmes
import_branches("federation/data/zhangqiu_divisions.csv")
load_programmes()
cast = (
    ("district", "370114", "district_admin"),
    ("street", "370114001", "reviewer"),
    ("village", "370114001001", "clerk"),
)
for name, code, role in cast:
    branch = Branch.objects.get(code=code)
    user = User.objects.create_user(name, {PASSWORD!r}, name=name, branch=branch)
    Grant.objects.create(user=user, branch=branch, role=role)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running site with the real tree and three accounts; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = ("PATH", "HOME", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(tmp_path_factory.mktemp("site")),
        "SECRET_KEY": "a key for one test",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "SECURE_COOKIES": "0",
        "DRAIN_SECONDS": "2",
        "PORT": str(port),
    }
    python = [sys.executable]
    subprocess.run(
        [*python, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True
    )
    subprocess.run(
        [*python, "manage.py", "shell", "-v0", "-c", SET_UP],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    server = subprocess.Popen(
        [*python, "script/processes.py"], cwd=ROOT, env=environment
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/"), "the site does not start", server)
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def wait_for(ask, complaint, server=None):
    deadline = time.monotonic() + PATIENCE
    while not (answer := ask()):
        if server is not None and server.poll() is not None:
            pytest.fail(f"{complaint}: it ended with {server.returncode}")
        if time.monotonic() > deadline:
            pytest.fail(complaint)
        time.sleep(0.5)
    return answer


def logged_in(browser, site, name, viewport):
    page = browser.new_context(viewport=viewport, locale="en-US").new_page()
    page.goto(f"{site}/admin/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_url(f"{site}/admin/")
    return page


def csv_rows(page, site, month):
    query = f"from={month}&to={month}&layout=long&indicator=activities.attendance"
    answer = page.request.get(f"{site}/rollups/monthly.csv?{query}")
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def test_an_activity_entered_once_is_seen_and_counted_everywhere(browser, site):
    day = local_today() - timedelta(days=1)
    month = f"{day:%Y-%m}"

    village = logged_in(browser, site, "village", PHONE)
    village.goto(f"{site}/admin/activities/activity/add/")
    village.fill("#id_title", TITLE)
    village.fill("#id_starts_on", day.isoformat())
    village.fill("#id_place", "社区党群服务中心")
    village.fill("#id_attendance_offline", "46")
    village.click("button[name=_submit]")
    expect(village.get_by_text("待审").first).to_be_visible()
    public = browser.new_context(viewport=DESKTOP).new_page()
    calendar = f"{site}/calendar/{day:%Y/%m}/"
    public.goto(calendar)
    assert public.get_by_text(TITLE).count() == 0  # nobody has approved it yet

    street = logged_in(browser, site, "street", DESKTOP)
    street.goto(f"{site}/admin/activities/activity/?review__exact=submitted")
    street.get_by_role("link", name=TITLE).first.click()
    street.click("button[name=_approve]")
    expect(street.get_by_text("已通过").first).to_be_visible()

    public.goto(calendar)
    assert public.get_by_text(TITLE).first.is_visible()
    assert TITLE in public.request.get(f"{site}/calendar.ics").text()

    district = logged_in(browser, site, "district", DESKTOP)

    def counted():
        rows = csv_rows(district, site, month)
        return [row for row in rows if row["total"] == "46"]

    rows = wait_for(counted, "the CSV never counted the activity")
    assert {row["branch_code"] for row in rows} >= {"370114001"}
    district.goto(f"{site}/rollups/?from={month}&to={month}")
    street_row = district.locator("tr", has_text="明水街道妇联").first
    assert "46" in street_row.inner_text()
