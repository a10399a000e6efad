"""The partners of an activity, inside its form."""

from activities import review
from activities.forms import PartnerForm, PartnerFormSet, partner_name
from activities.models import ActivityPartner
from federation.admin.scoped import FederationInline


class PartnerInline(FederationInline):
    """Of an approved activity only whoever may decide changes them: they are public
    at once. Others see them, and the page says whom to ask."""

    model = ActivityPartner
    form = PartnerForm
    formset = PartnerFormSet
    fields = ["role"]
    extra = 1

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("branch__parent")

    def get_extra(self, request, obj=None, **kwargs):
        return self.extra + len(proposed_partners(request))

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request) and self._may_change(request, obj)

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request)
        return allowed and self._may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request)
        return allowed and self._may_change(request, obj)

    def _may_change(self, request, activity) -> bool:
        return activity is None or review.may_change_partners(request.user, activity)


def proposed_partners(request) -> list[dict]:
    """Return what the rows of a new form are filled with: the partners of the activity
    that is done again."""
    source = getattr(request, "done_again", None)
    if source is None:
        return []
    return [
        {"role": partner.role, "name": partner_name(partner)}
        for partner in source.partners.select_related("branch__parent")
    ]


def as_sent(activity, prefix: str = "partners") -> dict[str, str]:
    """Return the partners of *activity* as its unchanged form would send them."""
    partners = list(activity.partners.select_related("branch__parent"))
    sent = {
        f"{prefix}-TOTAL_FORMS": str(len(partners)),
        f"{prefix}-INITIAL_FORMS": str(len(partners)),
    }
    for number, partner in enumerate(partners):
        row = f"{prefix}-{number}"
        sent[f"{row}-id"] = str(partner.pk)
        sent[f"{row}-activity"] = str(activity.pk)
        sent[f"{row}-role"] = partner.role
        sent[f"{row}-name"] = partner_name(partner)
    return sent
