"""The demo's own bulk door, for tens of thousands of rows that are known to be right.

``bulk_create`` asks every field to prepare every value, at several times the cost of
the insert; here the values already are what the columns hold. Times stay as given. No
marks are left, because the last step counts every month whole, and no audit entries,
because nobody did any of this. For an empty database and one transaction only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter

from django.apps import apps
from django.conf import settings
from django.db import connection, models


class Sketch:
    """A row of *model* to be: its columns with their defaults and *values*, at a tenth
    of the cost of an instance. It refers to other rows by key."""

    def __init__(self, model: type[models.Model], **values):
        self.__dict__ = _defaults(model) | values


@cache
def _defaults(model: type[models.Model]) -> dict:
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


def load(model: type[models.Model], rows: Iterable) -> None:
    """Insert *rows*, sketches or new instances of *model*, and give each its key."""
    rows = list(rows)
    for row, key in zip(rows, _new_keys(model, len(rows)), strict=True):
        row.id = key
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values_of = attrgetter(*(field.attname for field in fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
            f"VALUES ({places})",
            _as_stored(fields, map(values_of, rows)),
        )


def repeat(row: Sketch, model: type[models.Model], name: str, last: int) -> None:
    """
    Insert *row* of *model* again for each row after its own, up to the key *last*, of
    what its foreign key *name* refers to: the database copies faster than it is told.
    """
    quote = connection.ops.quote_name
    link = model._meta.get_field(name)
    copied = [f for f in model._meta.concrete_fields if f not in (link, model._meta.pk)]
    columns = [quote(field.column) for field in copied]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} "  # noqa: S608
            f"({', '.join([quote(link.column), *columns])}) "
            f"SELECT one.id, {', '.join(f'told.{column}' for column in columns)} "
            f"FROM {quote(link.related_model._meta.db_table)} one, "
            f"{quote(model._meta.db_table)} told "
            "WHERE told.id = %s AND one.id > %s AND one.id <= %s",
            [row.id, getattr(row, link.attname), last],
        )


def look_over() -> None:
    """Let PostgreSQL look at the tables now. Until it has, it takes them for empty and
    plans accordingly: a join of the register with its branches takes minutes."""
    if connection.vendor != "postgresql":
        return
    ours = [model for model in apps.get_models() if _is_ours(model)]
    tables = ", ".join(connection.ops.quote_name(m._meta.db_table) for m in ours)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def _is_ours(model: type[models.Model]) -> bool:
    return model._meta.app_config.name in settings.LOCAL_APPS


def _as_stored(fields: list[models.Field], rows: Iterable[tuple]) -> Iterable[list]:
    """Yield the values of each row as the database's driver takes them."""
    converters = _converters()
    special = [
        (place, convert)
        for place, field in enumerate(fields)
        if (convert := converters.get(field.get_internal_type()))
    ]
    for row in rows:
        values = list(row)
        for place, convert in special:
            if (value := values[place]) is not None:
                values[place] = convert(value)
        yield values


def _converters() -> dict[str, Callable]:
    """Return what to do with the values of the kinds of fields that need it."""
    ops = connection.ops
    found = {
        "DateField": ops.adapt_datefield_value,
        "TimeField": ops.adapt_timefield_value,
        "DateTimeField": ops.adapt_datetimefield_value,
        "JSONField": lambda value: ops.adapt_json_value(value, None),
        "FileField": str,
    }
    if not connection.features.has_native_uuid_field:
        found["UUIDField"] = lambda value: value.hex
    if connection.vendor == "sqlite":
        found["DateTimeField"] = _utc_text
    return found


def _utc_text(moment: datetime) -> str:
    """Write *moment* as SQLite keeps it; the demo's are all in UTC."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return str(moment)[:-6]  # without +00:00


def _new_keys(model: type[models.Model], count: int) -> Iterable[int]:
    """Take *count* keys from the table's sequence."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) "
                "FROM generate_series(1, %s)",
                [table, model._meta.pk.column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        # The insert moves the sequence on; nobody else writes meanwhile.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
    first = last[0] + 1 if last else 1
    return range(first, first + count)
