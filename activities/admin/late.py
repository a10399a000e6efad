"""What cannot be written into a closed month is kept as a correction, from the very
form that was refused."""

import uuid

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.forms import all_valid
from django.shortcuts import redirect

from activities import corrections as late
from activities import review
from activities.models import Activity
from rollups import corrections
from rollups.corrections.acts import ADD
from rollups.models import Correction

BUTTON = "_correct"
OPEN_AGAIN = "这个月已经重新开账，不用报更正了，请直接办理。"
KEPT = "已留下，等{}。办到哪一步，在这一页和工作台上都能看到。"
WITHDRAW = Correction.Act.WITHDRAW


class LateEntries:
    """Answers the button “作为补录／更正留下”."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST" and BUTTON in request.POST:
            try:
                answer = self._answer_correction(request, object_id)
            except ValidationError as refusal:
                request.correction_fault = "".join(refusal.messages)
                answer = None
            if answer:
                return answer
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _answer_correction(self, request, object_id):
        """Keep what the form says and lead to it; None if the form itself has to be
        shown (or refused) as ever."""
        activity = None
        if object_id is not None:
            activity = self.get_object(request, unquote(object_id))
            if activity is None or not self.has_change_permission(request, activity):
                return None
        elif not self.has_add_permission(request):
            return None
        token = token_of(request)
        sent = Correction.objects.filter(token=token, author=request.user).first()
        if sent and sent.state != Correction.State.RETURNED:
            messages.info(request, f"{sent}已经留下，没有重复登记。")
            return redirect(sent)
        if request.POST.get("correction_act") == WITHDRAW and activity:
            proposal = late.withdrawn(activity)
            if proposal is None:
                raise ValidationError(OPEN_AGAIN)
        else:
            proposal = self._proposed(request, activity)
        if proposal is None:
            return None
        reason = request.POST.get("correction_reason", "")[:200].replace("\x00", "")
        kept = corrections.keep(proposal, request.user, reason=reason, token=token)
        messages.success(request, KEPT.format(kept.label.removeprefix("待")))
        return redirect(kept)

    def _proposed(self, request, activity):
        """Return what the form proposes; None if it has other faults, or its month is
        open by now."""
        is_change = activity is not None
        form_class = self.get_form(request, activity, change=is_change)
        form = form_class(request.POST, request.FILES, instance=activity)
        form.instance.is_for_correction = True
        is_sound = form.is_valid()
        formsets, _ = self._create_formsets(request, form.instance, change=is_change)
        if not (all_valid(formsets) and is_sound):
            return None
        typed = form.instance
        verb = review.CHANGE if is_change else review.ADD
        if not request.user.has_perm(verb, typed):
            return None
        partners = [
            {
                "branch": row.instance.branch_id,
                "organisation": row.instance.organisation,
                "role": row.cleaned_data.get("role") or row.instance.role,
            }
            for row in formsets[0].forms
            if row not in formsets[0].deleted_forms
            and (row.instance.branch_id or row.instance.organisation)
        ]
        if is_change and not review.may_change_partners(request.user, activity):
            partners = late.partners_of(activity)
        return late.proposed(typed, partners)


def token_of(request) -> uuid.UUID:
    """Return the key by which a correction of this form is known when it comes twice:
    a new record's own."""
    for name in ("client_token", "correction_token"):
        try:
            return uuid.UUID(request.POST.get(name, ""))
        except ValueError:
            continue
    if not hasattr(request, "correction_token"):
        request.correction_token = uuid.uuid4()
    return request.correction_token


def late_entry(request, form, activity: Activity | None) -> dict:
    """Return what the page offers when the month of *form* is closed, and which
    corrections of the record wait."""
    waiting = []
    if activity is not None:
        of_record = Correction.objects.of_record(late.NAME, activity.pk)
        waiting = list(of_record.visible_to(request.user).waiting())
    refusal = _refusal_of(form)
    if not refusal or not request.user.has_perm(ADD):
        return {"waiting_corrections": waiting}
    is_withdrawal = "_withdraw" in request.POST or (
        request.POST.get("correction_act") == WITHDRAW and BUTTON in request.POST
    )
    return {
        "waiting_corrections": waiting,
        "late": {
            "sentence": refusal,
            "fault": getattr(request, "correction_fault", ""),
            "reason": request.POST.get("correction_reason", ""),
            "token": token_of(request),
            "act": WITHDRAW if is_withdrawal and activity else "",
            "is_new": activity is None or activity.approved_at is None,
            "is_only_fault": sum(len(said) for said in form.errors.values()) == 1,
        },
    }


def _refusal_of(form) -> str:
    """Return the sentence of the closed month among the errors of *form*."""
    if not form.is_bound:
        return ""
    for errors in form.errors.as_data().values():
        for error in errors:
            if error.code == "month_closed":
                return "".join(error.messages)
    return ""
