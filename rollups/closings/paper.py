"""What a revision puts on paper: its file, its facts, and the hash over both."""

from __future__ import annotations

import csv as csv_module
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from federation.months import Month
from rollups import registry
from rollups.closings.rows import Line
from rollups.exports import BOM
from rollups.tables.figures import tidy

HEADER = (
    "month",
    "branch_code",
    "branch",
    "level",
    "parent_code",
    "programme",
    "indicator",
    "own",
    "total",
)


def csv(month: Month, lines: Iterable[Line]) -> bytes:
    """Return the file of a month: one line per figure, numbers without idle zeros."""
    buffer = io.StringIO(newline="")
    writer = csv_module.writer(buffer)
    buffer.write(BOM)
    writer.writerow(HEADER)
    written = str(month)
    number = cache(tidy)  # most figures are the same small numbers
    writer.writerows(
        (written, *line[:-2], number(line.own), number(line.total)) for line in lines
    )
    return buffer.getvalue().encode()


def facts(month: Month, number: int, by, closed_at: datetime, reason: str) -> str:
    """Return what the revision says about itself, as the JSON that is hashed. The
    indicators are those that were counted, each with its definition's version: one
    that is not there was not counted yet, which is no zero."""
    return json.dumps(
        {
            "month": str(month),
            "revision": number,
            "closed_by": by.get_username() if by else "",
            "closed_at": closed_at.isoformat(),
            "reason": reason,
            "indicators": {
                one.code: {
                    "label": one.label,
                    "unit": one.unit,
                    "kind": one.kind.value,
                    "version": one.version,
                }
                for one in registry.all_indicators()
                if one.is_counted_in(month)
            },
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def digest(previous: str, facts: str, csv: bytes) -> str:
    """Return the SHA-256 of the three, a line feed between them, in hexadecimal."""
    covered = previous.encode() + b"\n" + facts.encode() + b"\n" + bytes(csv)
    return hashlib.sha256(covered).hexdigest()
