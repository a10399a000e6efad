"""What a year is to bring: for the district and its towns, never for a village."""

from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from rollups import targets
from rollups.models import Target
from rollups.models.target import ONLY_ABOVE_VILLAGES
from tests.rollups.reading import ATTENDANCE, SESSIONS

DOCUMENT = "章妇字〔2026〕2 号"


def target(branch, **fields):
    values = {"indicator": SESSIONS, "year": 2026, "value": 120}
    return Target(branch=branch, document_number=DOCUMENT, **values | fields)


def test_targets_are_read_by_indicator_and_branch(district, street, sister_street):
    target(district, value=Decimal("300.00")).save()
    target(street).save()
    target(street, year=2025, value=9).save()
    target(street, indicator=ATTENDANCE, value=Decimal("12.50")).save()
    branches = [district.pk, street.pk, sister_street.pk]
    assert targets.targets_of([SESSIONS, ATTENDANCE], 2026, branches) == {
        (SESSIONS, district.pk): 300,
        (SESSIONS, street.pk): 120,
        (ATTENDANCE, street.pk): Decimal("12.5"),
    }
    assert targets.targets_of([SESSIONS], 2026, [sister_street.pk]) == {}


def test_a_village_is_given_no_target(community):
    with pytest.raises(ValidationError) as refusal:
        target(community).full_clean()
    assert ONLY_ABOVE_VILLAGES in refusal.value.messages
    for write in (
        target(community).save,
        lambda: Target.objects.bulk_create([target(community)]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"value": 0}, "目标必须大于 0；不定目标就留空。"),
        ({"value": -1}, "目标必须大于 0；不定目标就留空。"),
        ({"year": 1999}, "年份请从 2000 年起。"),
        ({"year": 2100}, "年份请到 2099 年为止。"),
        ({"indicator": "no.such"}, "没有这个指标，请从列表中选择。"),
        ({"document_number": ""}, "此字段不能为空。"),
    ],
)
def test_what_is_no_target_is_refused_with_a_sentence(street, fields, sentence):
    row = target(street)
    for name, value in fields.items():
        setattr(row, name, value)
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    assert sentence in refusal.value.messages


def test_a_branch_has_one_target_a_year(street):
    target(street).save()
    with pytest.raises(ValidationError) as refusal:
        target(street).full_clean()
    assert refusal.value.messages == ["这个组织这一年已有这个指标的目标，请直接修改。"]


def test_keeping_writes_changes_and_takes_away_what_is_left_empty(
    district, street, sister_street
):
    first = {district: Decimal(300), street: Decimal(120), sister_street: None}
    assert targets.keep(SESSIONS, 2026, first, DOCUMENT) == 2
    assert targets.keep(SESSIONS, 2026, first, DOCUMENT) == 0
    second = {district: Decimal(300), street: None, sister_street: Decimal(80)}
    assert targets.keep(SESSIONS, 2026, second, DOCUMENT) == 2
    held = Target.objects.of(SESSIONS, 2026).values_list("branch__code", "value")
    assert dict(held) == {"370114": 300, "370114002": 80}
    entries = LogEntry.objects.filter(content_type__model="target")
    assert entries.count() == 4


def test_a_refused_target_changes_nothing_and_is_named(district, street, community):
    values = {district: Decimal(300), community: Decimal(5)}
    with pytest.raises(ValidationError) as refusal:
        targets.keep(SESSIONS, 2026, values, DOCUMENT)
    assert refusal.value.messages == [f"明一社区妇联：{ONLY_ABOVE_VILLAGES}"]
    assert not Target.objects.exists()
