"""Starting the whole site with one command, and ending it with one key."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.worker


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path, port):
    """Start the site as in production, on SQLite and the embedded broker."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": "a key for one test",
        "SECURE_SSL_REDIRECT": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PORT": str(port),
    }
    started = []

    def run():
        process = subprocess.Popen(
            [sys.executable, "script/processes.py"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.terminate()
        process.wait()
        process.stdout.close()


def read_until(process, words):
    """Return the output up to the line with *words*; fail at its end."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    pytest.fail("".join(lines))


def is_healthy(port):
    """Ask /healthz until it says yes, for two minutes at most."""
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(0.5)
    return False


def children_of(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]


def test_a_production_start_is_healthy_and_one_signal_ends_it(start, port):
    server = start()
    output = read_until(server, f"http://127.0.0.1:{port}/")

    assert "create_district_account" in output
    assert "演示" not in output
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/") as page:  # noqa: S310
        html = page.read().decode()
    stylesheet = next(part for part in html.split('"') if part.endswith(".css"))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{stylesheet}") as answer:  # noqa: S310
        assert "immutable" in answer.headers["Cache-Control"]

    assert is_healthy(port)

    children = children_of(server)
    assert len(children) == 3
    server.send_signal(signal.SIGINT)
    assert server.wait() == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_a_port_that_is_taken_is_named_before_anything_is_changed(
    start, port, tmp_path
):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        server = start()
        output = read_until(server, str(port))

        assert server.wait() == 1
    assert "已被占用" in output
    assert not (tmp_path / "db.sqlite3").exists()
