"""A private PostgreSQL for one run, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if not initdb:
        raise SystemExit("PostgreSQL is missing: apt-get install postgresql")
    return Path(os.path.realpath(initdb)).parent


def _run(*command: str) -> None:
    # PostgreSQL refuses to run as root.
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, cwd="/", stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def private_postgresql():
    """Yield a function: name of a database → its DATABASE_URL, made when missing."""
    binaries = _binaries()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        store = f"{folder}/store"
        flags = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
        _run(str(binaries / "initdb"), "-D", store, *flags)
        options = (
            f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off "
            "-c shared_buffers=1GB -c work_mem=64MB -c max_wal_size=4GB"
        )
        control = (str(binaries / "pg_ctl"), "-D", store, "-w", "-s")
        _run(*control, "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield lambda name: _address(binaries, port, name)
        finally:
            _run(*control, "-m", "immediate", "stop")


def _address(binaries: Path, port: int, name: str) -> str:
    host = ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres")
    made = subprocess.run(
        [str(binaries / "createdb"), *host, name], capture_output=True, text=True
    )
    if made.returncode and "already exists" not in made.stderr:
        raise SystemExit(made.stderr)
    return f"postgres://postgres@127.0.0.1:{port}/{name}"
