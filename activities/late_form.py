"""The entry form filled in as a correction has it, so that its author can change it."""

from __future__ import annotations

from django.urls import reverse

from activities.forms import partner_name
from activities.models import Activity, ActivityPartner
from rollups.models import Correction

PREFIX = "partners"
KEYS = ("branch_id", "organisation", "role")


def form_of(correction: Correction) -> tuple[str, dict]:
    """Return (address, fields as a browser would send them)."""
    values = correction.values
    fields = {
        name: "" if values.get(name) is None else str(values[name])
        for name in Activity.REVIEWED_FIELDS
    }
    fields["audience"] = [code for code in fields["audience"].split(",") if code]
    if fields["ends_on"] == fields["starts_on"]:
        fields["ends_on"] = ""
    for name in ("starts_at", "ends_at"):
        fields[name] = fields[name][:5]
    fields |= {
        "correction_reason": correction.reason,
        "correction_act": correction.act,
        "correction_token": str(correction.token),
    }
    wanted = [
        (partner["branch"], partner["organisation"], partner["role"])
        for partner in values.get("partners", [])
    ]
    if correction.object_id is None:
        fields["client_token"] = str(correction.token)
        return reverse("admin:activities_activity_add"), fields | _rows([], wanted)
    stored = ActivityPartner.objects.filter(activity=correction.object_id)
    stored = list(stored.select_related("branch__parent").order_by("pk"))
    path = reverse("admin:activities_activity_change", args=[correction.object_id])
    return path, fields | _rows(stored, wanted)


def _rows(stored: list[ActivityPartner], wanted: list[tuple]) -> dict:
    """Return the partners' part of the form: what is stored, what is to go, what is
    to come."""
    rows = []
    for partner in stored:
        key = tuple(getattr(partner, name) for name in KEYS)
        row = {"id": partner.pk, "activity": partner.activity_id, "role": partner.role}
        rows.append(row | {"name": partner_name(partner)})
        if key in wanted:
            wanted = [one for one in wanted if one != key]
        else:
            rows[-1]["DELETE"] = "on"
    for branch_id, organisation, role in wanted:
        partner = ActivityPartner(
            branch_id=branch_id, organisation=organisation, role=role
        )
        rows.append({"role": role, "name": partner_name(partner)})
    return {
        f"{PREFIX}-TOTAL_FORMS": str(len(rows)),
        f"{PREFIX}-INITIAL_FORMS": str(len(stored)),
        **{
            f"{PREFIX}-{number}-{name}": str(value)
            for number, row in enumerate(rows)
            for name, value in row.items()
        },
    }
