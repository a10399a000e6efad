"""Numbers that are there already are taken as recorded on the day they are of: the
months closed since go by them."""

import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Cast


def as_of_their_day(apps, schema_editor):
    stats = apps.get_model("federation", "BranchStat")._base_manager
    stats.update(recorded_at=Cast("as_of", models.DateTimeField()))


class Migration(migrations.Migration):
    dependencies = [("federation", "0008_column_meanings")]

    operations = [
        migrations.AddField(
            model_name="branchstat",
            name="recorded_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                verbose_name="录入时间",
            ),
        ),
        # On PostgreSQL the column is altered and filled in one transaction.
        migrations.RunPython(as_of_their_day, migrations.RunPython.noop),
    ]
