"""The chapters and programmes of the work review, as a federation starts with them.

Three levels: 板块 → 项目 → 行动. They are data from then on: loading them again adds
what is missing and leaves every edit alone.
"""

import csv
from pathlib import Path

from django.db import transaction

from federation.models import Chapter, Programme

PROGRAMMES = Path(__file__).with_name("data") / "programmes.csv"


@transaction.atomic
def load_programmes(path: Path = PROGRAMMES) -> int:
    """Add the chapters and programmes of the CSV at *path* that do not exist yet, by
    slug, and return how many there were. Safe to repeat."""
    added = 0
    with path.open(encoding="utf-8", newline="") as lines:
        for position, row in enumerate(csv.DictReader(lines), start=1):
            load = _load_chapter if row["level"] == "chapter" else _load_programme
            _, is_new = load(row, position)
            added += is_new
    return added


def _load_chapter(row: dict, position: int):
    return Chapter.objects.get_or_create(
        slug=row["slug"],
        defaults={"name": row["name"], "colour": row["colour"], "position": position},
    )


def _load_programme(row: dict, position: int):
    known = Programme.objects.filter(slug=row["slug"]).first()
    if known:
        return known, False
    parent = None
    if row["level"] == "action":
        parent = Programme.objects.get(slug=row["parent"])
        chapter = parent.chapter
    else:
        chapter = Chapter.objects.get(slug=row["parent"])
    programme = Programme.objects.create(
        slug=row["slug"],
        name=row["name"],
        chapter=chapter,
        parent=parent,
        position=position,
    )
    return programme, True
