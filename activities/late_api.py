"""What a closed month refuses over the API is kept as a correction, too: the same
request with a reason."""

import uuid
from collections.abc import Mapping
from copy import copy

from django.core.exceptions import PermissionDenied
from rest_framework import serializers, status
from rest_framework.response import Response

from activities import corrections as late
from activities import review
from activities.models import Activity
from rollups import corrections

REASON = "correction_reason"
HINT = (
    f"要留作补录／更正，请把同样的内容加上 {REASON}（原因，200 字以内）再发一次；"
    "镇街和区里通过，重新开账时自动入账。"
)
CLOSED = "month_closed"


class LateWrites:
    """Answers 202 with the correction that was made of a write into a closed month."""

    def handle_exception(self, exc):
        is_write = self.action in ("create", "partial_update")
        is_refused = isinstance(exc, serializers.ValidationError)
        if is_write and is_refused and CLOSED in _codes(exc.get_codes()):
            exc.detail["correction"] = [HINT]
        return super().handle_exception(exc)

    def _kept_as_correction(self, activity: Activity | None) -> Response | None:
        """Keep the request as a correction if it gives a reason and its month is
        closed; None if it is to be written as ever."""
        sent = self.request.data
        reason = sent.get(REASON) if isinstance(sent, Mapping) else None
        if reason is None:
            return None
        reason = _Reason().run_validation(reason)
        serializer = self.get_serializer(
            activity, data=sent, partial=activity is not None
        )
        serializer.context["is_for_correction"] = True
        serializer.is_valid(raise_exception=True)
        proposal = self._proposed(activity, dict(serializer.validated_data))
        if proposal is None:
            return None
        token = serializer.validated_data.get("client_token") or uuid.uuid4()
        row = corrections.keep(proposal, self.request.user, reason=reason, token=token)
        address = self.request.build_absolute_uri(row.get_absolute_url())
        answer = {
            "correction": row.pk,
            "url": address,
            "state": row.state,
            "label": row.label,
        }
        return Response(answer, status.HTTP_202_ACCEPTED)

    def _proposed(self, activity: Activity | None, validated: dict):
        typed = copy(activity) if activity else Activity()
        partners = validated.pop("partners", None)
        validated.pop("client_token", None)
        for name, value in validated.items():
            setattr(typed, name, value)
        typed.ends_on = typed.ends_on or typed.starts_on
        verb = review.CHANGE if activity else review.ADD
        if not self.request.user.has_perm(verb, typed):
            raise PermissionDenied
        if partners is None:
            partners = late.partners_of(activity) if activity else []
        else:
            partners = [
                {
                    "branch": one["branch"].pk if one.get("branch") else None,
                    "organisation": one.get("organisation", ""),
                    "role": one["role"],
                }
                for one in partners
            ]
        return late.proposed(typed, partners)


class _Reason(serializers.CharField):
    def __init__(self):
        super().__init__(max_length=200, label="原因")


def _codes(found) -> set[str]:
    """Return every code in what DRF says of an error, however deep."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        return set().union(*map(_codes, found)) if found else set()
    return {found}
