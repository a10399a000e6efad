"""Insert many rows that differ in a few columns: entries of a log, which carry neither
rules nor marks of their own.

Django builds an instance and prepares sixteen values for each entry of the audit log,
fifteen of them the same a thousand times over. Here the database takes what differs
from one JSON parameter and repeats the rest: a statement for each batch, at a fraction
of the cost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection, models

from federation import batches


def insert_alike(
    sample: models.Model, names: Sequence[str], rows: Sequence[Sequence]
) -> None:
    """
    Insert a row like *sample*, which has no key yet, for each of *rows*.

    A row gives the values of the fields *names*: text, whole numbers, or what a JSON
    field holds.
    """
    model = type(sample)
    get = model._meta.get_field
    differing = [get(name) for name in names]
    shared = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and field not in differing
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in [*differing, *shared])
    is_postgresql = connection.vendor == "postgresql"
    taken = _from_postgresql if is_postgresql else _from_sqlite
    given = ", ".join(taken(field, place) for place, field in enumerate(differing))
    repeated = ", ".join(
        f"%s::{field.db_type(connection)}" if is_postgresql else "%s"
        for field in shared
    )
    source = "jsonb_array_elements(%s::jsonb)" if is_postgresql else "json_each(%s)"
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
        f"SELECT {given}, {repeated} FROM {source}"
    )
    values = [
        field.get_db_prep_save(field.pre_save(sample, True), connection)
        for field in shared
    ]
    with connection.cursor() as cursor:
        for part in batches.of(rows):
            text = json.dumps(part, ensure_ascii=False, default=str)
            cursor.execute(sql, [*values, text])


def _from_postgresql(field: models.Field, place: int) -> str:
    if isinstance(field, models.JSONField):
        return f"value -> {place}"
    return f"(value ->> {place})::{field.db_type(connection)}"


def _from_sqlite(field: models.Field, place: int) -> str:
    return f"json_extract(value, '$[{place}]')"
