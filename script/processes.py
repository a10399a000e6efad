"""Run web server, Celery worker and beat together, and stop them together."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BIN = Path(sys.executable).parent
GRACE_SECONDS = 15
SHORT_LIFE_SECONDS = 10


def main() -> int:
    try:
        from config import settings
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    # The settings have read .env, which may name these too.
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    if not is_free(host, int(port)):
        sys.exit(
            f"端口 {port} 已被占用，请换一个：PORT=8001 script/server"
            f" / Port {port} is taken, choose another with PORT=…"
        )
    # SIGINT too: a shell starts what runs in its background with it ignored.
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    children = {}
    try:
        children["set-up"] = start([sys.executable, "script/prepare.py"])
        if status := children["set-up"].wait():
            return status
        del children["set-up"]
        wanted = commands(settings, host, port)
        children |= {name: start(command) for name, command in wanted.items()}
        wait_until_served(host, int(port), children)
        print(f"\n网站已启动：http://{host}:{port}/   （按 Ctrl-C 停止）", flush=True)
        return watch(children, wanted)
    except KeyboardInterrupt:
        print("\n正在停止……", flush=True)
        return 0
    finally:
        stop(children)


def start(command: list[str]) -> subprocess.Popen:
    # A session of its own: Ctrl-C reaches this process alone, which then ends
    # the others in order.
    return subprocess.Popen(command, start_new_session=True)


def commands(settings, host: str, port: str) -> dict[str, list[str]]:
    """Return the command of each process by its name."""
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    # SQLite has one writer: more processes would only wait for each other.
    workers = "1" if sqlite else os.environ.get("WEB_WORKERS", "2")
    # The filesystem broker is read by one process; threads share it.
    pool = "prefork" if settings.REDIS_URL else "threads"
    celery = [str(BIN / "celery"), "--quiet", "-A", "config"]
    quiet = ["--loglevel", os.environ.get("LOG_LEVEL", "WARNING")]
    return {
        "web": [
            str(BIN / "granian"),
            *("--interface", "wsgi", "--no-ws", "--host", host, "--port", port),
            *("--workers", workers, "--blocking-threads", "4"),
            *("--respawn-failed-workers", "--workers-kill-timeout", "8"),
            *("--log-level", "warning", "config.wsgi:application"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", pool, "--concurrency", "2", *quiet),
            *("--without-gossip", "--without-mingle"),
        ],
        "beat": [*celery, "beat", "--pidfile=", *quiet],
    }


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As the server does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def wait_until_served(host: str, port: int, children: dict) -> None:
    """Return as soon as the web server takes connections, or a child has died."""
    address = ("127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104
    while all(child.poll() is None for child in children.values()):
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def watch(children: dict, wanted: dict) -> int:
    """Start anew what ends by itself; return 1 when that does not help."""
    started = dict.fromkeys(children, time.monotonic())
    while True:
        time.sleep(0.5)
        for name, child in children.items():
            if child.poll() is None:
                continue
            if time.monotonic() - started[name] < SHORT_LIFE_SECONDS:
                print(f"{name} 无法运行（{child.returncode}），全部停止。", flush=True)
                return 1
            print(f"{name} 意外退出（{child.returncode}），重新启动。", flush=True)
            children[name] = start(wanted[name])
            started[name] = time.monotonic()


def stop(children: dict) -> None:
    """End all children: ask first, and after a grace period insist."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def interrupt(signum, frame) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
