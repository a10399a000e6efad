"""`/api/v1/months/` and `/api/v1/submissions/`: how far a month's reporting is, and at
which revision the month stands. To be read; what people say to a month, they say on its
pages."""

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets

from federation.models import Branch, ReportingMonth
from federation.months import Month
from federation.scoped_api import BranchScopedViewSetMixin, ReadOnlySerializerMixin
from rollups.models import Revision, Submission
from rollups.submissions.deadlines import due_dates


@extend_schema_field(OpenApiTypes.STR)
class MonthField(serializers.ReadOnlyField):
    """A month as the addresses write it, ``2026-10``."""

    def to_representation(self, day):
        return str(Month.of(day))


class SubmissionFilter(django_filters.FilterSet):
    """Narrow submissions by month, the branch above, status, and lateness."""

    month = django_filters.CharFilter(
        label="月份，如 2026-10", method="filter_month", max_length=7
    )
    branch = django_filters.CharFilter(
        label="这个编码的组织及其下级", method="filter_branch", max_length=32
    )
    status = django_filters.ChoiceFilter(
        label="状态",
        choices=Submission.Status.choices,
        error_messages={"invalid_choice": "没有这个状态，请核对。"},
    )
    late = django_filters.BooleanFilter(label="逾期", field_name="is_late")

    class Meta:
        model = Submission
        fields = ["month", "branch", "status", "late"]

    def filter_month(self, queryset, name, text):
        try:
            return queryset.of_month(Month.parse(text))
        except ValueError:
            raise ValidationError({"month": "月份请写成 2026-10 的样子。"}) from None

    def filter_branch(self, queryset, name, code):
        seen = Branch.objects.visible_to(self.request.user, "rollups.view_submission")
        branch = seen.filter(code=code).first()
        if branch is None:
            raise Http404
        return queryset.within(branch)


class SubmissionSerializer(ReadOnlySerializerMixin, serializers.ModelSerializer):
    """One branch's month; who confirmed it stands on the page and not here."""

    month = MonthField(help_text="月份，2026-10")
    branch_code = serializers.CharField(source="branch.code", label="妇联组织编码")
    branch = serializers.CharField(source="branch.name", label="妇联组织")
    level = serializers.CharField(source="branch.level", label="层级")
    late = serializers.BooleanField(source="is_late", label="逾期")
    changed = serializers.BooleanField(source="has_changed", label="确认后有变动")

    class Meta:
        model = Submission
        fields = [
            "month",
            "branch_code",
            "branch",
            "level",
            "status",
            "late",
            "changed",
            "sessions",
            "attendance",
            "reported_at",
            "confirmed_at",
            "reason",
        ]


class SubmissionViewSet(
    BranchScopedViewSetMixin, mixins.ListModelMixin, viewsets.GenericViewSet
):
    """各组织每个月的报送，新的月份在前，月内按组织树的次序。"""

    queryset = Submission.objects.select_related("branch")
    serializer_class = SubmissionSerializer
    filterset_class = SubmissionFilter


class MonthListSerializer(serializers.ListSerializer):
    def to_representation(self, rows):
        rows = list(rows)
        due = due_dates([Month.of(row.month) for row in rows])
        self.child.context["due"] = due
        return super().to_representation(rows)


class MonthSerializer(ReadOnlySerializerMixin, serializers.ModelSerializer):
    """A month and what became of it."""

    month = MonthField(help_text="月份，2026-10")
    due_at = serializers.SerializerMethodField(label="报送截止时间")
    head = serializers.CharField(
        allow_null=True,
        label="最新版本的校验值",
        help_text="SHA-256，覆盖前一次结账的校验值；没有结过账的为空",
    )

    class Meta:
        model = ReportingMonth
        list_serializer_class = MonthListSerializer
        fields = ["month", "status", "revision", "closed_at", "due_at", "head"]

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_due_at(self, row):
        month = Month.of(row.month)
        due = self.context.get("due") or due_dates([month])
        return serializers.DateTimeField().to_representation(due[month])


class MonthViewSet(BranchScopedViewSetMixin, viewsets.ReadOnlyModelViewSet):
    """开过的月份，新的在前：是否结账，第几版，截止时间和校验值。"""

    serializer_class = MonthSerializer
    queryset = ReportingMonth.objects.annotate(
        head=Subquery(
            Revision.objects.filter(month=OuterRef("month"))
            .order_by("-number")
            .values("sha256")[:1]
        )
    )
    filter_backends = ()
    lookup_field = "month"
    lookup_value_regex = "[0-9]{4}-[0-9]{2}"

    def get_object(self):
        try:
            month = Month.parse(self.kwargs["month"])
        except ValueError:
            raise Http404 from None
        self.kwargs["month"] = month.first_day
        return super().get_object()


def register(router) -> None:
    router.register("submissions", SubmissionViewSet, "submission")
    router.register("months", MonthViewSet, "month")
