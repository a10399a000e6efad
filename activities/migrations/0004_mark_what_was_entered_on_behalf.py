"""Entries made before 代填 was written down: those whose author works above the branch
and holds no grant at it."""

from django.db import migrations
from django.db.models import Exists, F, OuterRef


def mark(apps, schema_editor):
    Activity = apps.get_model("activities", "Activity")
    Grant = apps.get_model("federation", "Grant")
    at_the_branch = Grant.objects.filter(
        user=OuterRef("recorded_by"), branch=OuterRef("branch")
    )
    from_above = Activity.objects.filter(
        ~Exists(at_the_branch),
        branch__path__startswith=F("recorded_by__branch__path"),
    ).exclude(branch=F("recorded_by__branch"))
    Activity.objects.filter(pk__in=from_above.values("pk")).update(is_on_behalf=True)


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0003_entered_on_behalf_and_decided_by_deputies"),
        ("federation", "0006_deputies_by_dated_grant"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
