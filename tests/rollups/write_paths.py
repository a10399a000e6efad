"""The ways to write a counted record: each function is one."""

from datetime import date

from django.db.models import DateField, Value

from federation.models import Branch, Mark, Placement

# Paths that make a row ----------------------------------------------------------


def save_new(model, subject, place):
    row = subject.make(place)
    row.save()
    return row


def create(model, subject, place):
    return model.objects.create(**_values(subject.make(place)))


def get_or_create(model, subject, place):
    row = subject.make(place)
    day = getattr(row, subject.day_field)
    wanted = {subject.day_field: day, **_key(row)}
    return model.objects.get_or_create(**wanted, defaults=_values(row))[0]


def bulk_create(model, subject, place):
    return model.objects.bulk_create([subject.make(place)])[0]


def related_create(model, subject, place):
    values = _values(subject.make(place))
    manager = subject.manager(place)
    values.pop(manager.field.attname)
    return manager.create(**values)


def related_bulk_create(model, subject, place):
    row = subject.make(place)
    manager = subject.manager(place)
    setattr(row, manager.field.name, manager.instance)
    return manager.bulk_create([row])[0]


MAKING = [save_new, create, get_or_create, bulk_create]
MAKING_ELSEWHERE = [related_create, related_bulk_create]


# Paths that move a row ----------------------------------------------------------


def save(row, values):
    _set(row, values)
    row.save()


def save_fields(row, values):
    _set(row, values)
    row.save(update_fields=list(values))


def save_stale(row, values):
    """The row was moved by somebody else since this instance was read."""
    stale = type(row).objects.get(pk=row.pk)
    _set(row, values)
    row.save()
    Mark.objects.all().delete()
    stale.save()


def save_partly_loaded(row, values):
    loaded = type(row).objects.only("pk").get(pk=row.pk)
    _set(loaded, values)
    loaded.save()


def save_expression(row, values):
    for name, value in values.items():
        field = row._meta.get_field(name)
        if field.many_to_one:
            setattr(row, field.attname, Value(value.pk))
        elif isinstance(row, Placement):
            setattr(row, name, value)  # its label formats the month
        else:
            setattr(row, name, _expression(value))
    row.save()


def update(row, values):
    type(row).objects.filter(pk=row.pk).update(**values)


def update_expression(row, values):
    expressions = {name: _expression(value) for name, value in values.items()}
    type(row).objects.filter(pk=row.pk).update(**expressions)


def update_base_manager(row, values):
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def bulk_update(row, values):
    _set(row, values)
    type(row).objects.bulk_update([row], list(values))


def update_or_create(row, values):
    type(row).objects.update_or_create(pk=row.pk, defaults=values)


MOVING = [
    save,
    save_fields,
    save_stale,
    save_partly_loaded,
    save_expression,
    update,
    update_expression,
    update_base_manager,
    bulk_update,
    update_or_create,
]


# Paths by which a branch adopts a row, and paths that end it ---------------------


def related_add(manager, row):
    manager.add(row)


def related_add_one_by_one(manager, row):
    manager.add(row, bulk=False)


def related_set(manager, row):
    manager.set([*manager.all(), row])


def related_update(manager, row):
    """From the old owner's manager to the new one."""
    owner = getattr(row, manager.field.name)
    accessor = manager.field.remote_field.get_accessor_name()
    mine = getattr(owner, accessor).filter(pk=row.pk)
    mine.update(**{manager.field.name: manager.instance})


ADOPTING = [related_add, related_add_one_by_one, related_set, related_update]


def delete(row):
    row.delete()


def delete_queryset(row):
    type(row).objects.filter(pk=row.pk).delete()


def delete_base_manager(row):
    type(row)._base_manager.filter(pk=row.pk).delete()


DELETING = [delete, delete_queryset, delete_base_manager]


# What they stand on --------------------------------------------------------------


def _values(row) -> dict:
    fields = row._meta.concrete_fields
    return {f.attname: getattr(row, f.attname) for f in fields if not f.primary_key}


def _key(row) -> dict:
    return {"code": row.code} if isinstance(row, Branch) else {"branch": row.branch}


def _set(row, values: dict) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _expression(value):
    return Value(value, output_field=DateField()) if isinstance(value, date) else value
