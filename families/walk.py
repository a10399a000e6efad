"""`/families/walk/<village>/`: along a lane with the phone, one household after the
other. The page keeps what is tapped on the phone until this side has it; each entry
carries a token of its own, so that it may come as often as the network likes."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from families import inspections
from families.models import Household, Inspection
from families.models.choices import Grade, InspectionKind, Subject
from federation.models import Branch
from federation.months import local_today

ADD = inspections.ADD
SHARES = (100, 80, 60, 40, 0)  # per cent of a criterion's points, one tap each
WORDS = ("好", "较好", "一般", "较差", "差")
LONGEST_BODY = 20_000
VILLAGES_LISTED = 200

BROKEN = "这一条没有传完整，请再发一次。"


class VillageListView(LoginRequiredMixin, TemplateView):
    """`/families/walk/`: the villages whose households she may look at."""

    template_name = "families/walk_list.html"

    def get_context_data(self, **kwargs):
        villages = Branch.objects.visible_to(self.request.user, ADD).active()
        if not self.request.user.has_perm(ADD):
            raise PermissionDenied
        words = self.request.GET.get("q", "").replace("\x00", "").strip()[:50]
        villages = villages.filter(level=Branch.Level.VILLAGE).matching(words)
        today = local_today()
        # A community of blocks of flats has no household on the register.
        registered = Household.objects.registered_on(today)
        villages = villages.filter(Exists(registered.filter(branch=OuterRef("pk"))))
        seen = Inspection.objects.filter(branch=OuterRef("pk"), inspected_on=today)
        seen = seen.filter(household__isnull=False).order_by().values("branch")
        seen = seen.annotate(seen=Count("household", distinct=True)).values("seen")
        villages = villages.annotate(seen_today=Subquery(seen))
        villages = villages.select_related("parent").order_by("path")
        found = list(villages[: VILLAGES_LISTED + 1])
        return super().get_context_data(
            villages=found[:VILLAGES_LISTED],
            is_cut=len(found) > VILLAGES_LISTED,
            words=words,
            **kwargs,
        )


class VillageMixin(LoginRequiredMixin):
    """A village whose households she may look at; another one is not found. Of one that
    has merged it is the village that took over: a phone may still hold its entries."""

    @cached_property
    def village(self) -> Branch:
        # PostgreSQL refuses the character NUL, which no code has.
        code = self.kwargs["code"].replace("\x00", "")
        user = self.request.user
        village = get_object_or_404(
            Branch.objects.visible_to(user, "families.view_household"),
            code=Branch.objects.code_today(code),
            level=Branch.Level.VILLAGE,
        )
        if not user.has_perm(ADD, village):
            raise PermissionDenied
        return village


class WalkView(VillageMixin, TemplateView):
    """The page of the walk: all households of the village, in the order of the lane."""

    template_name = "families/walk.html"

    def get_context_data(self, **kwargs):
        village, today = self.village, local_today()
        kinds = [
            (kind.value, kind.label)
            for kind in InspectionKind
            if inspections.may_record(self.request.user, kind, village)
        ]
        kind = self.request.GET.get("kind", "")
        if kind not in dict(kinds):
            kind = InspectionKind.VILLAGE
        refusal, standard = "", None
        try:
            standard = inspections.standard_on(Subject.HOUSEHOLD, today)
        except ValidationError as found:
            refusal = "".join(found.messages)
        walk = self._walk(village, kind, standard, today) if standard else None
        return super().get_context_data(
            village=village,
            kinds=kinds,
            kind=kind,
            kind_label=InspectionKind(kind).label,
            standard=standard,
            refusal=refusal,
            walk=walk,
            walk_data=json.dumps(walk, ensure_ascii=False),
            **kwargs,
        )

    def _walk(self, village, kind, standard, today: date) -> dict:
        """Return what the page's script needs to know."""
        households = Household.objects.filter(branch=village).registered_on(today)
        done = Inspection.objects.filter(
            branch=village, kind=kind, inspected_on=today, household__isnull=False
        )
        done = set(done.values_list("household_id", flat=True))
        return {
            "send": reverse("families:walk_send", args=[village.code]),
            "photo": reverse("families:walk_photo", args=[village.code]),
            "login": f"{reverse('admin:login')}?next={self.request.get_full_path()}",
            "account": self.request.user.pk,
            "village": village.code,
            "kind": kind,
            "day": today.isoformat(),
            "left": milliseconds_left(),
            "fair": standard.fair_mark,
            "model": standard.model_mark,
            "households": [
                {
                    "id": one.pk,
                    "number": one.number,
                    "name": one.contact_name,
                    "place": " ".join(filter(None, (one.group, one.door))),
                    "done": one.pk in done,
                }
                for one in households.order_by("number")
            ],
            "criteria": [
                {
                    "id": str(criterion.pk),
                    "name": criterion.name,
                    "hint": criterion.hint,
                    "veto": criterion.is_veto,
                    "marks": []
                    if criterion.is_veto
                    else [
                        {"points": round(criterion.weight * share / 100), "word": word}
                        for share, word in zip(SHARES, WORDS, strict=True)
                    ],
                }
                for criterion in standard.criteria.all()
            ],
        }


class SendView(VillageMixin, View):
    """Takes one household's entry as JSON and answers with what it is worth, or with
    the sentence that refuses it."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        village = self.village
        try:
            sent = _read(request)
            row = inspections.record(request.user, **_entry(sent, village))
        except ValidationError as refusal:
            return JsonResponse({"sentence": "".join(refusal.messages)}, status=400)
        return JsonResponse({"points": row.points, "grade": Grade(row.grade).label})


class PhotoView(VillageMixin, View):
    """Takes one photo of an entry that has arrived."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        rows = Inspection.objects.filter(household__branch=self.village)
        try:
            token = _uuid(request.POST.get("token"))
            key = _uuid(request.POST.get("key"))
            upload = request.FILES.get("image")
            row = rows.filter(client_token=token).first()
            if row is None:
                raise Http404
            if upload is None:
                raise ValidationError(BROKEN)
            inspections.add_photo(row, request.user, upload, key)
        except ValidationError as refusal:
            return JsonResponse({"sentence": "".join(refusal.messages)}, status=400)
        return JsonResponse({})


def milliseconds_left() -> int:
    """Return how long today still lasts: a page may stay open over night."""
    now = timezone.localtime()
    tomorrow = (now + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return int((tomorrow - now) / timedelta(milliseconds=1))


def _read(request) -> dict:
    if len(request.body) > LONGEST_BODY:
        raise ValidationError(BROKEN)
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):  # [[[[…
        raise ValidationError(BROKEN) from None
    if not isinstance(sent, dict):
        raise ValidationError(BROKEN)
    return sent


def _entry(sent: dict, village: Branch) -> dict:
    """Return the arguments of ``record``. Raises ValidationError for what is no entry,
    Http404 for a household of another village."""
    household = sent.get("household")
    if type(household) is not int or not 0 < household < 2**63:
        raise ValidationError(BROKEN)
    found = Household.objects.filter(branch=village, pk=household)
    household = found.select_related("branch").first()
    if household is None:
        raise Http404
    scores = sent.get("scores")
    if not isinstance(scores, dict):
        raise ValidationError(BROKEN)
    return {
        "household": household,
        "kind": _text(sent, "kind"),
        "inspected_on": _day(sent, "inspected_on"),
        "scores": scores,
        "mend_by": _day(sent, "mend_by") if sent.get("mend_by") else None,
        "inspectors": _text(sent, "inspectors"),
        "remark": _text(sent, "remark"),
        "client_token": _uuid(sent.get("token")),
    }


def _text(sent: dict, name: str) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str):
        raise ValidationError(BROKEN)
    # Where a phone cuts a long text, it may leave half of an emoji behind.
    return value.encode("utf-8", "ignore").decode()


def _day(sent: dict, name: str) -> date:
    try:
        return date.fromisoformat(_text(sent, name))
    except ValueError:
        raise ValidationError(BROKEN) from None


def _uuid(value) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise ValidationError(BROKEN) from None
