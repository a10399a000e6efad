"""The demo's own bulk door, for tens of thousands of rows that are known to be right.

``bulk_create`` asks every field to prepare every value, at several times the cost of
the insert; here the values already are what the columns hold. Times stay as given. No
marks are left, because the last step counts every month whole, and no audit entries,
because nobody did any of this. For an empty database and one transaction only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from operator import attrgetter
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models.fields.files import ImageFieldFile


def load(model: type[models.Model], rows: Iterable) -> None:
    """Insert *rows*, new instances of *model* or anything with its attributes, and
    give each its key. Rows refer to other rows by key."""
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
            _as_stored(map(values_of, rows)),
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


def _as_stored(rows: Iterable[tuple]) -> Iterable[list]:
    """Yield the values of each row as the database's driver takes them."""
    converters = _converters()
    for row in rows:
        yield [
            convert(value) if (convert := converters.get(type(value))) else value
            for value in row
        ]


def _converters() -> dict[type, Callable]:
    ops = connection.ops
    found = {
        date: ops.adapt_datefield_value,
        time: ops.adapt_timefield_value,
        datetime: ops.adapt_datetimefield_value,
        dict: lambda value: ops.adapt_json_value(value, None),
        ImageFieldFile: str,
    }
    if not connection.features.has_native_uuid_field:
        found[UUID] = lambda value: value.hex
    if connection.vendor == "sqlite":
        found[datetime] = _utc_text
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
