"""Entries inserted together are what the same entries saved one by one would be."""

import pytest
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from federation.alike import insert_alike
from members.models import Member
from tests.factories import UserFactory

NAMES = ["object_pk", "object_id", "object_repr", "changes"]
TEXTS = ["李英", 'say "hi"', "a\\b", "行\n行", "%s %%", "'", "", "😀", "None"]

pytestmark = pytest.mark.django_db


def entry():
    return LogEntry(
        content_type=ContentType.objects.get_for_model(Member),
        action=LogEntry.Action.CREATE,
        actor=UserFactory(),
        remote_addr="192.168.1.7",
        cid="一个标识",
    )


def stored(**chosen):
    columns = [f.attname for f in LogEntry._meta.concrete_fields]
    rows = LogEntry.objects.filter(**chosen).order_by("pk").values(*columns)
    return [
        {name: value for name, value in row.items() if name not in ("id", "timestamp")}
        for row in rows
    ]


def test_they_are_what_saving_gives():
    sample = entry()
    rows = [
        (str(n), n or None, text, {"name": ["None", text], "更名": [text, "新"]})
        for n, text in enumerate(TEXTS)
    ]
    LogEntry.objects.all().delete()
    for row in rows:
        one = LogEntry(**dict(zip(NAMES, row, strict=True)))
        for name in ("content_type", "action", "actor", "remote_addr", "cid"):
            setattr(one, name, getattr(sample, name))
        one.save()
    saved = stored()
    LogEntry.objects.all().delete()

    insert_alike(sample, NAMES, rows)

    assert stored() == saved
    assert LogEntry.objects.filter(timestamp__isnull=True).count() == 0


def test_many_are_inserted_in_batches(django_assert_num_queries):
    sample = entry()
    rows = [(str(n), n, "人", {}) for n in range(1, 1202)]

    with django_assert_num_queries(3):
        insert_alike(sample, NAMES, rows)

    found = LogEntry.objects.filter(object_repr="人").order_by("pk")
    assert list(found.values_list("object_id", flat=True)) == list(range(1, 1202))


def test_none_are_none(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_alike(LogEntry(), NAMES, [])
