"""Real processes for the tests: a Redis of their own, a Celery worker, a beat."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

from celery import current_app
from django.conf import settings
from kombu import pools

from tests.rollups.parallel import database_url, eventually


class Redis:
    """A Redis that can be ended, frozen and started again on the same port."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def freeze(self) -> None:
        """Take connections and never answer, as a machine that hangs does."""
        self.process.send_signal(signal.SIGSTOP)


class Celery:
    """A worker or a beat as ``script/server`` runs it, on the tests' database."""

    def __init__(self, part: str, folder, broker_url: str | None):
        self.log = folder / f"{part}-{time.monotonic_ns()}.log"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": broker_url or "",
            "DRAIN_SECONDS": "2",
            "VAR_DIR": str(folder),
        }
        command = [sys.executable, "-m", "celery", "-A", "config", part]
        command += ["--loglevel", "INFO"]
        if part == "worker":
            pool = "prefork" if broker_url else "threads"
            command += ["--pool", pool, "--concurrency", "2"]
            command += ["--without-gossip", "--without-mingle"]
        else:
            command += ["--pidfile="]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def said(self, pattern: str) -> int:
        """Return how often it said something like *pattern*."""
        return len(re.findall(pattern, self.log.read_text(errors="replace")))

    def kill(self) -> None:
        """End it and its children at once, without a word: ``kill -9``."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def send_doorbells_to(url: str) -> None:
    """Let this process ring at the broker *url*."""
    current_app.conf.broker_url = url
    pools.reset()
    current_app._pool = current_app.amqp._producer_pool = None
