"""The chapters and programmes of the work review, loaded as data that may be edited."""

import csv

import pytest
from django.core.management import call_command

from activities.demo.review_sessions import FIGURES
from federation.models import Chapter, Programme
from federation.programmes import load_programmes

pytestmark = pytest.mark.django_db


def test_every_programme_that_the_review_prints_stands_in_its_chapter():
    load_programmes()

    with FIGURES.open(encoding="utf-8", newline="") as lines:
        printed = {(row["chapter"], row["programme"]) for row in csv.DictReader(lines)}
    loaded = set(Programme.objects.values_list("chapter__name", "name"))
    assert printed <= loaded


def test_there_are_three_levels_and_everyday_activities_in_ink():
    load_programmes()

    law = Programme.objects.get(slug="law")
    assert law.parent.name == "巾帼宣讲 声入章丘"
    assert law.parent.parent is None
    assert law.chapter == law.parent.chapter
    assert law.colour == Chapter.Colour.ROSE
    assert Programme.objects.get(slug=Programme.EVERYDAY).colour == Chapter.Colour.INK


def test_programmes_stand_in_the_order_of_the_review():
    load_programmes()

    names = list(Programme.objects.selectable().values_list("slug", flat=True))
    assert names[:5] == ["voices", "new-journey", "talks", "law", "role-models"]
    assert names[-1] == Programme.EVERYDAY


def test_loading_again_adds_nothing_and_leaves_edits_alone():
    load_programmes()
    Programme.objects.filter(slug="law").update(name="法进万家", is_active=False)
    Chapter.objects.filter(slug="ideas").update(colour=Chapter.Colour.GOLD)

    assert load_programmes() == 0
    law = Programme.objects.get(slug="law")
    assert (law.name, law.is_active) == ("法进万家", False)
    assert law.colour == Chapter.Colour.GOLD


def test_what_is_missing_is_added(capsys):
    load_programmes()
    Programme.objects.filter(slug="talks").delete()

    call_command("load_programmes")

    assert capsys.readouterr().out.startswith("新增 1 个")
    assert Programme.objects.get(slug="talks").parent.slug == "voices"
