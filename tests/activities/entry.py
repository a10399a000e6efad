"""What a browser sends from the entry form, and what it is told."""

import uuid

from django.urls import reverse

from activities import review
from activities.models import Activity

ADD = "/admin/activities/activity/add/"
LIST = "/admin/activities/activity/"


def change(activity) -> str:
    return reverse("admin:activities_activity_change", args=[activity.pk])


def typed(branch, programme, **values) -> dict:
    """Return the fields of a form that enters a law lecture of *branch*; ``None``
    leaves a field out."""
    fields = {
        "programme": programme.pk,
        "title": "反家庭暴力法宣讲",
        "starts_on": "2026-03-08",
        "place": "妇女之家",
        "attendance_offline": "",
        "attendance_online": "",
        "kind": "law",
        "format": "offline",
        "branch": branch.pk,
        "visibility": "public",
        "happening": "planned",
        "client_token": str(uuid.uuid4()),
        "partners-TOTAL_FORMS": "0",
        "partners-INITIAL_FORMS": "0",
    }
    fields |= values
    return {name: value for name, value in fields.items() if value is not None}


def as_typed(activity, **values) -> dict:
    """Return what the form of the record *activity* sends."""
    values.setdefault("client_token", None)
    return typed(activity.branch, activity.programme, **values)


def changed(activity, **values) -> Activity:
    """Return a fresh instance of *activity* as a form leaves it: with new values."""
    instance = review.working_copy(Activity.objects.get(pk=activity.pk))
    for name, value in values.items():
        setattr(instance, name, value)
    return instance


def sentences(response) -> list[str]:
    """Return what the next page says on top."""
    return [str(message) for message in response.context["messages"]]


def errors(response) -> dict:
    """Return the errors of the form that is shown again, ``{field: [sentence]}``."""
    return response.context["adminform"].form.errors
