"""
Seed a small and a large database, measure both in one run, and print each promise
with its ratio: ``python -m bench.compare``. Exits 1 if one is not kept.

Absolute times are noise; every figure here is a ratio of two things measured side by
side on the same machine.
"""

import json
import os
import subprocess
import sys
import tempfile

from bench.cluster import private_postgresql
from bench.seed import BASE
from bench.setup import ROOT

LARGE = 1_000_000
FIXED = {"SECRET_KEY": "only for the bench", "ALLOWED_HOSTS": "testserver"}


def call(address: str, module: str, *arguments) -> str:
    environment = os.environ | FIXED | {"DATABASE_URL": address, "ENV_FILE": os.devnull}
    environment.pop("REDIS_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def measure(addresses: dict[int, str]) -> dict[str, dict]:
    """Return {size name: all figures}, the sizes taking turns."""
    found: dict[str, dict] = {"small": {}, "large": {}}
    for what in ("history", "bucket", "page"):
        for name, address in addresses.items():
            print(f"measuring {what}, {name}", file=sys.stderr)
            found[name] |= json.loads(call(address, "bench.measure", what))
    print("measuring csv, large", file=sys.stderr)
    found["large"] |= json.loads(call(addresses["large"], "bench.measure", "csv"))
    return found


def promises(small: dict, large: dict) -> list[tuple[str, float, str, float]]:
    """Return (what, figure, ≤ or ≥, bound)."""
    per_row_small = small["engine"] / BASE
    per_row_large = large["engine"] / LARGE
    slow = large["bare_csv"] / large["bare_rows"]
    ours = large["csv"] / large["rows"]
    pages = (small["page_queries"], large["page_queries"], large["dense_page_queries"])
    dense_bytes = large["dense_page_bytes"] / large["page_bytes"]
    dense_speed = large["dense_page_bare"] / large["dense_page"]
    differing = small["different"] + large["different"]
    growth = f"{large['few_rows']:,} to {large['rows']:,} CSV rows"
    return [
        ("history of 54,000 / plain SQL", small["engine"] / small["plain"], "≤", 2),
        ("history of 1,000,000 / plain SQL", large["engine"] / large["plain"], "≤", 2),
        ("rows that differ from the plain SQL", differing, "≤", 0),
        ("its time per row, large / small", per_row_large / per_row_small, "≤", 1.5),
        (
            "one marked bucket, large / small",
            large["bucket"] / small["bucket"],
            "≤",
            1.5,
        ),
        ("rows in the large CSV", large["rows"], "≥", 1_000_000),
        ("CSV rows/s, ours / bare csv.writer", slow / ours, "≥", 0.6),
        (f"memory growth in MB, {growth}", large["peak_growth"], "≤", 30),
        ("month page queries", max(pages), "≤", 8),
        ("the same at every size and density", max(pages) - min(pages), "≤", 0),
        ("month page bytes, dense / sparse", dense_bytes, "≤", 1.3),
        (
            "month page requests/s, ours / bare",
            large["page_bare"] / large["page"],
            "≥",
            0.3,
        ),
        ("the same in the dense month", dense_speed, "≥", 0.3),
    ]


def main() -> int:
    with private_postgresql() as address_of, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "STATIC_ROOT": f"{folder}/static"}
        addresses = {name: address_of(name) for name in ("small", "large")}
        call(addresses["small"], "manage", "collectstatic", "--noinput", "-v0")
        for name, size in (("small", BASE), ("large", LARGE)):
            print(f"seeding {size:,} activities", file=sys.stderr)
            call(addresses[name], "bench.seed", size)
        found = measure(addresses)
    print(json.dumps(found, indent=1), file=sys.stderr)
    kept = True
    for what, figure, sign, bound in promises(**found):
        is_kept = figure <= bound if sign == "≤" else figure >= bound
        kept = kept and is_kept
        print(
            f"{'ok  ' if is_kept else 'MISS'} {what}: {figure:,.2f} ({sign} {bound:,})"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
