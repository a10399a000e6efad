"""One group, however it is written."""

from importlib import import_module

import pytest
from django.apps import apps

from families.groups import group_of
from families.models import Household
from tests.factories import HouseholdFactory


@pytest.mark.parametrize(
    ("text", "group"),
    [
        *((text, "3组") for text in ("3", "三", "3组", "三组", "３组", "第三组")),
        *((text, "3组") for text in ("第三村民小组", "3 小组", "03组", "三居民组")),
        ("十组", "10组"),
        ("十二", "12组"),
        ("二十组", "20组"),
        ("二十三组", "23组"),
        ("一二组", "12组"),
        ("〇组", "〇组"),
        ("十十组", "十十组"),
        ("二三十组", "二三十组"),
        ("3队", "3队"),
        (" 东 头 ", "东头"),
        ("", ""),
        ("组", "组"),
        ("²", "2组"),
        ("④", "4组"),
        ("٣", "٣"),
    ],
)
def test_a_group_is_written_in_one_way(text, group):
    assert group_of(text) == group
    assert group_of(group) == group


@pytest.mark.django_db
def test_doors_of_before_are_written_as_they_are_searched_for(community):
    household, other = (HouseholdFactory(branch=community) for _ in range(2))
    stored = Household._base_manager
    stored.filter(pk=household.pk).update(door="７ 号")
    stored.filter(pk=other.pk).update(door="㍿" * 50)  # four characters each, in full
    migration = import_module("families.migrations.0007_one_way_of_writing_a_door")

    migration.write_plainly(apps, None)

    assert Household.objects.matching("7号").get() == household
    assert stored.get(pk=other.pk).door == "㍿" * 50
