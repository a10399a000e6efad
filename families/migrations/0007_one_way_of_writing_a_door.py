"""Write the doors that are there already as they are searched for: in ordinary width,
without spaces. One that would not fit its column then stays as it is."""

from django.db import migrations

from families.groups import door_of

LONGEST = 50


def write_plainly(apps, schema_editor):
    households = apps.get_model("families", "Household")._base_manager
    doors = households.order_by().values_list("door", flat=True).distinct()
    for door in list(doors.iterator()):
        plain = door_of(door)
        if plain != door and len(plain) <= LONGEST:
            households.filter(door=door).update(door=plain)


class Migration(migrations.Migration):
    dependencies = [("families", "0006_households_of_merged_villages")]

    operations = [migrations.RunPython(write_plainly, migrations.RunPython.noop)]
