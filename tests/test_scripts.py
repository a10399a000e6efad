"""What the settings and the project files promise to whoever installs the site."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parent.parent
SHOW_SETTINGS = """
import json, config.settings as s
print(json.dumps({n: getattr(s, n) for n in dir(s) if n.isupper()}, default=str))
"""


def run_python(*arguments, tmp_path, **environment):
    """Run Python in the project with nothing but *environment* set."""
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    own = {"VAR_DIR": str(tmp_path), "ENV_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def settings_with(tmp_path):
    def load(**environment):
        done = run_python("-c", SHOW_SETTINGS, tmp_path=tmp_path, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return load


def test_without_debug_and_key_it_refuses_to_start_in_one_sentence(tmp_path):
    done = run_python("manage.py", "check", tmp_path=tmp_path)

    assert done.returncode != 0
    assert "缺少环境变量 SECRET_KEY" in done.stderr
    assert "SECRET_KEY is not set" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_empty_key_is_no_key(tmp_path):
    done = run_python("manage.py", "check", tmp_path=tmp_path, SECRET_KEY="")

    assert "缺少环境变量 SECRET_KEY" in done.stderr


def test_debug_is_off_unless_asked_for(settings_with):
    assert settings_with(SECRET_KEY="k")["DEBUG"] is False


def test_without_debug_cookies_and_transport_are_secure(settings_with):
    production = settings_with(SECRET_KEY="k")

    assert production["SESSION_COOKIE_SECURE"] is True
    assert production["CSRF_COOKIE_SECURE"] is True
    assert production["SECURE_SSL_REDIRECT"] is True
    assert production["SECURE_HSTS_SECONDS"] >= 31536000
    assert "Manifest" in production["STORAGES"]["staticfiles"]["BACKEND"]


def test_with_debug_the_site_works_over_plain_http(settings_with):
    demo = settings_with(DEBUG="1")

    assert demo["SESSION_COOKIE_SECURE"] is False
    assert demo["SECURE_SSL_REDIRECT"] is False


def test_without_urls_it_runs_on_sqlite_and_the_embedded_broker(
    settings_with, tmp_path
):
    demo = settings_with(DEBUG="1")

    options = demo["DATABASES"]["default"]["OPTIONS"]
    assert demo["DATABASES"]["default"]["NAME"] == str(tmp_path / "db.sqlite3")
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]
    assert demo["CELERY_BROKER_URL"] == "filesystem://localhost"
    for folder in ("data_folder_in", "data_folder_out", "control_folder"):
        assert Path(demo["CELERY_BROKER_TRANSPORT_OPTIONS"][folder]).is_dir()


def test_urls_choose_postgresql_and_redis(settings_with):
    production = settings_with(
        SECRET_KEY="k", DATABASE_URL="postgres://u@h/d", REDIS_URL="redis://h/0"
    )

    assert production["DATABASES"]["default"]["ENGINE"].endswith("postgresql")
    assert production["CELERY_BROKER_URL"] == "redis://h/0"
    assert production["CACHES"]["default"]["LOCATION"] == "redis://h/0"


def test_env_example_names_every_variable_that_the_settings_read():
    source = (ROOT / "config/settings.py").read_text()
    read = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))
    example = (ROOT / ".env.example").read_text()

    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, flags=re.M))
    assert {"SECRET_KEY", "DATABASE_URL", "MEDIA_ROOT"} <= read
    assert read <= named


def test_the_import_contract_covers_every_app_of_ours():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]
    layers = " ".join(contract["contracts"][0]["layers"])
    packages = {
        path.parent.name
        for path in ROOT.glob("*/__init__.py")
        if path.parent.name not in ("tests", "bench")
    }

    assert packages == set(settings.LOCAL_APPS) | {"config"}
    assert packages == set(contract["root_packages"])
    assert packages <= set(re.findall(r"\w+", layers))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_and_name_no_machine(name):
    lines = (ROOT / name).read_text().splitlines()
    wanted = [line for line in lines if line and not line.lstrip().startswith("#")]

    assert len(wanted) > 40
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_every_dependency_is_explained():
    explained = (ROOT / "docs/dependencies.md").read_text().lower()
    wanted = [
        re.match(r"[\w-]+", line).group().lower()
        for name in ("requirements.in", "requirements-dev.in")
        for line in (ROOT / name).read_text().splitlines()
        if line and line[0] not in "#-"
    ]

    assert [name for name in wanted if name not in explained] == []


def test_scheduled_tasks_exist():
    from config.celery import app

    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert scheduled <= set(app.tasks)


def test_a_proxy_is_believed_only_when_it_is_ours(rf, settings):
    from config.client_address import client_address

    request = rf.get("/", headers={"x-forwarded-for": "6.6.6.6, 1.2.3.4"})
    assert client_address(request) == "127.0.0.1"

    settings.NUM_PROXIES = 1
    assert client_address(request) == "1.2.3.4"


def test_a_cache_that_is_away_is_an_empty_cache(settings):
    from config.cache import ForgivingRedisCache

    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {})
    cache.set("name", "value")

    assert cache.get("name", "default") == "default"
    assert cache.add("name", "value") is False
    assert cache.get_many(["name"]) == {}


def policies(response):
    header = response.headers["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in header.split("; ")}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/docs/", "/nothing-here/"])
def test_public_pages_have_a_strict_policy(client, address):
    response = client.get(address)

    assert policies(response)["default-src"] == ["'self'"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_admin_alone_has_the_relaxed_policy(client):
    response = client.get("/admin/login/")

    assert "'unsafe-eval'" in policies(response)["script-src"]
    assert "'nonce-" not in response.headers["Content-Security-Policy"]
    assert policies(response)["frame-ancestors"] == ["'none'"]


@pytest.mark.django_db
def test_the_api_docs_run_no_inline_script_and_load_nothing_from_elsewhere(client):
    page = client.get("/api/docs/").content.decode()

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []
