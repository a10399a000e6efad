"""Activities in the API: the public reads, staff read and write within their scope."""

from collections.abc import Mapping

import django_filters
from django.db import IntegrityError
from django.db.models import OuterRef, Prefetch, Subquery
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from activities import review
from activities.filters import ActivityFilter
from activities.late_api import LateWrites
from activities.models import Activity, ActivityPartner, ActivityPhoto, ReviewRound
from activities.models.choices import Review
from activities.serializers import PublicActivitySerializer, StaffActivitySerializer
from federation.scoped_api import BranchScopedViewSetMixin

SCOPE = OpenApiParameter(
    "scope",
    description=(
        "工作人员读到的是自己授权范围内的全部记录；填 public 则与公众读到的一样。"
    ),
    enum=["public"],
)


class PublicActivityFilter(ActivityFilter):
    """The calendar's filters, and days."""

    since = django_filters.DateFilter(
        label="这一天起", field_name="starts_on", lookup_expr="gte"
    )
    until = django_filters.DateFilter(
        label="到这一天为止", field_name="starts_on", lookup_expr="lte"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A page shows everything instead; the API refuses, and must not say so.
        for field in self.form.fields.values():
            field.error_messages["invalid_choice"] = f"没有这个{field.label}，请核对。"


class StaffActivityFilter(PublicActivityFilter):
    """By review state too: of a public record it would tell what waits."""

    review = django_filters.ChoiceFilter(label="审核状态", choices=Review.choices)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(
        label="理由", max_length=200, allow_blank=True, default=""
    )


def _staff_action(summary: str, request=None):
    return extend_schema(
        summary=summary, request=request, responses=StaffActivitySerializer
    )


EITHER = PolymorphicProxySerializer(
    "Activity",
    [PublicActivitySerializer, StaffActivitySerializer],
    resource_type_field_name=None,
)


@extend_schema_view(
    list=extend_schema(
        summary="活动列表",
        parameters=[SCOPE],
        responses=EITHER,
    ),
    retrieve=extend_schema(summary="一场活动", parameters=[SCOPE], responses=EITHER),
    create=extend_schema(
        summary="录入一场活动（草稿）",
        description=(
            "同一个 client_token 再发一次不会多出一条：答 200 和已有的那条。"
            "这个月已经结账的，加上 correction_reason（原因）再发一次，"
            "就留作补录：答 202。"
        ),
        request=StaffActivitySerializer,
        responses={200: StaffActivitySerializer, 201: StaffActivitySerializer},
    ),
    partial_update=extend_schema(
        summary="改一场活动",
        description=(
            "已通过的活动，改动要等审核通过才生效，之前在 proposal 里。"
            "这个月已经结账的，加上 correction_reason（原因）再发一次，"
            "就留作更正：答 202。"
        ),
        request=StaffActivitySerializer,
        responses=StaffActivitySerializer,
    ),
    destroy=extend_schema(summary="删除一条从未通过的记录"),
)
class ActivityViewSet(LateWrites, BranchScopedViewSetMixin, viewsets.ModelViewSet):
    """活动：公众读公开的，工作人员读写授权范围内的。"""

    queryset = Activity.objects.select_related(
        "branch", "programme", "recorded_by"
    ).prefetch_related(
        Prefetch("partners", ActivityPartner.objects.select_related("branch"))
    )
    http_method_names = ("get", "head", "options", "post", "patch", "delete")
    public_read = True
    action_verbs = {
        "submit": "change",
        "approve": "review",
        "send_back": "review",
        "withdraw": "change",
    }

    @property
    def shows_public(self) -> bool:
        """Whether this is read as anybody reads it."""
        if self.request is None or self.request.method not in ("GET", "HEAD"):
            return False
        asked = self.request.query_params.get("scope") == "public"
        return asked or not self.request.user.has_perm("activities.view_activity")

    @property
    def filterset_class(self):
        return PublicActivityFilter if self.shows_public else StaffActivityFilter

    def get_serializer_class(self):
        if self.shows_public:
            return PublicActivitySerializer
        return StaffActivitySerializer

    def get_queryset(self):
        if self.shows_public:
            photos = Prefetch("photos", ActivityPhoto.objects.public())
            return self.queryset.public().prefetch_related(photos)
        returned = ReviewRound.objects.filter(
            activity=OuterRef("pk"), decision=ReviewRound.Decision.RETURNED
        )
        reason = returned.order_by("-number").values("reason")[:1]
        return (
            super()
            .get_queryset()
            .prefetch_related("photos")
            .annotate(last_reason=Subquery(reason))
        )

    def create(self, request, *args, **kwargs):
        if sent := self._sent_before():
            return self._answer(sent)
        try:
            if kept := self._kept_as_correction(None):
                return kept
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            activity = serializer.save()
        except (IntegrityError, serializers.ValidationError):
            # The same form arrived twice at the same moment, and the check of its
            # token, or the database, saw the other one first.
            if sent := self._sent_before():
                return self._answer(sent)
            raise
        return self._answer(activity, status.HTTP_201_CREATED)

    def partial_update(self, request, *args, **kwargs):
        # What is not sent stays as the editor last left it, not as it was approved.
        activity = review.working_copy(self.get_object())
        if kept := self._kept_as_correction(activity):
            return kept
        serializer = self.get_serializer(activity, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self._answer(serializer.save())

    def perform_destroy(self, activity):
        review.discard(activity, self.request.user)

    @_staff_action("提交审核")
    @action(detail=True, methods=["post"])
    def submit(self, request, pk=None):
        activity = self.get_object()
        review.submit(activity, request.user)
        return self._answer(activity)

    @_staff_action("通过")
    @action(detail=True, methods=["post"])
    def approve(self, request, pk=None):
        activity = self.get_object()
        review.approve(activity, request.user)
        return self._answer(activity)

    @_staff_action("退回", ReasonSerializer)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request, pk=None):
        activity = self.get_object()
        review.send_back(activity, request.user, self._reason())
        return self._answer(activity)

    @_staff_action("撤回", ReasonSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        activity = self.get_object()
        review.withdraw(activity, request.user, self._reason())
        return self._answer(activity)

    def _reason(self) -> str:
        serializer = ReasonSerializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data["reason"]

    def _sent_before(self):
        """Return the activity this user made of the same form, if she has."""
        sent = self.request.data
        token = sent.get("client_token") if isinstance(sent, Mapping) else None
        try:
            token = serializers.UUIDField().run_validation(token)
        except serializers.ValidationError:
            return None  # the serializer says what is wrong with it
        mine = self.get_queryset().filter(recorded_by=self.request.user)
        return mine.filter(client_token=token).first()

    def _answer(self, activity, code=status.HTTP_200_OK):
        stored = self.get_queryset().get(pk=activity.pk)
        return Response(self.get_serializer(stored).data, code)


def register(router) -> None:
    router.register("activities", ActivityViewSet, "activity")
