"""Late and wrong records of closed months: what waits, and what is decided."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView, View

from federation import lost_session
from federation.months import Month
from rollups import corrections
from rollups.corrections import acts
from rollups.models import Correction

State = Correction.State

LINES_A_PAGE = 50
# 待审 is both stages: whoever looks wants what waits for a decision.
FILTERS = {
    "waiting": ("等着办的", Correction.WAITING),
    **{state.value: (state.label, (state,)) for state in State},
}


class CorrectionMixin(LoginRequiredMixin):
    permission = acts.VIEW

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and not user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class CorrectionListView(CorrectionMixin, ListView):
    """`/rollups/corrections/?state=district&month=2026-10`: newest first."""

    template_name = "rollups/correction_list.html"
    context_object_name = "lines"

    def get_queryset(self):
        found = Correction.objects.visible_to(self.request.user)
        month = self._month()
        return found.of_month(month) if month else found

    def get_context_data(self, **kwargs):
        found = self.object_list
        counts = dict(
            found.order_by().values_list("state").annotate(number=Count("pk"))
        )
        chosen = self.request.GET.get("state", "waiting")
        if chosen not in FILTERS and chosen != "all":
            raise Http404
        if chosen != "all":
            found = found.filter(state__in=FILTERS[chosen][1])
        found = found.select_related("branch", "author", "revision")
        self.paginate_by = LINES_A_PAGE
        return super().get_context_data(
            object_list=found,
            month=self._month(),
            chosen=chosen,
            filters=[
                (name, label, number)
                for name, (label, states) in FILTERS.items()
                if (number := sum(counts.get(state, 0) for state in states))
                or name == chosen
            ],
            total=sum(counts.values()),
            **kwargs,
        )

    def _month(self) -> Month | None:
        asked = self.request.GET.get("month")
        try:
            return Month.parse(asked) if asked else None
        except ValueError:
            raise Http404 from None


class OneCorrectionMixin(CorrectionMixin):
    """A correction the reader may see; another one is not found."""

    @cached_property
    def correction(self) -> Correction:
        found = Correction.objects.visible_to(self.request.user).select_related(
            "branch", "author", "street_by", "district_by", "revision"
        )
        # A key beyond what the database can hold is no one's.
        if self.kwargs["pk"] >= 2**63:
            raise Http404
        correction = found.filter(pk=self.kwargs["pk"]).first()
        if correction is None:
            raise Http404
        return correction


class CorrectionView(OneCorrectionMixin, TemplateView):
    """`/rollups/corrections/7/`: what it changes, how far it is, what she may do."""

    template_name = "rollups/correction.html"

    def get_context_data(self, **asked):
        correction, user = self.correction, self.request.user
        handler = corrections.handler_of(correction)
        is_in_review = correction.state in Correction.IN_REVIEW
        may_review = is_in_review and user.has_perm(acts.REVIEW, correction)
        is_author = correction.author_id == user.pk
        return super().get_context_data(
            correction=correction,
            month=Month.of(correction.month),
            kind=handler.label,
            differences=handler.differences(correction),
            address=correction.object_id and handler.address(correction.object_id),
            steps=correction.steps.select_related("by"),
            may_decide=corrections.may_decide(user, correction),
            why_not=acts.why_not_decide(user, correction) if may_review else "",
            may_withdraw=is_author and correction.is_waiting,
            may_change=is_author and correction.state == State.RETURNED,
        )


class ActView(OneCorrectionMixin, View):
    """One act; what was refused is said on the correction's page."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            messages.success(request, self.act(request.user))
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        return redirect(self.correction)

    def act(self, user) -> str:
        raise NotImplementedError

    @property
    def reason(self) -> str:
        # PostgreSQL keeps no NUL.
        return self.request.POST.get("reason", "").replace("\x00", "")


class ApproveView(ActView):
    permission = acts.REVIEW

    def act(self, user):
        done = corrections.approve(self.correction, user)
        return f"{done}已通过（{done.label}）。"


class ReturnView(ActView):
    permission = acts.REVIEW

    def act(self, user):
        done = corrections.send_back(self.correction, user, self.reason)
        return f"{done}已退回，填报人会看到理由。"


class DeclineView(ActView):
    permission = acts.REVIEW

    def act(self, user):
        done = corrections.decline(self.correction, user, self.reason)
        return f"{done}不予采纳，填报人会看到理由。"


class WithdrawView(ActView):
    permission = acts.ADD

    def act(self, user):
        return f"{corrections.withdraw(self.correction, user)}已撤回。"


class AgainView(OneCorrectionMixin, View):
    """Brings a returned correction back as the form it came from, filled in; nothing is
    written by that."""

    permission = acts.ADD

    def get(self, request, *args, **kwargs):
        correction = self.correction
        if correction.author_id != request.user.pk:
            raise PermissionDenied
        if correction.state != State.RETURNED:
            messages.error(request, f"这条{correction.label}，不能再改。")
            return redirect(correction)
        path, fields = corrections.handler_of(correction).form(correction)
        sent = QueryDict(mutable=True)
        for name, value in fields.items():
            sent.setlist(name, value if isinstance(value, list) else [value])
        kept = lost_session.keep(request, path, sent)
        return redirect(f"{path}?{lost_session.PARAMETER}={kept}")
