"""`/api/v1/reports/`: the tables the district designs, and each of them filled in, by
the page's own parameters."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError as Refusal
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from federation.scoped_api import BranchScopedViewSetMixin, ReadOnlySerializerMixin
from rollups.forms import VIEW, branch_asked_for
from rollups.models import ReportTemplate
from rollups.report_pages import period_asked_for, report_asked_for
from rollups.reports import Report, fill, usual
from rollups.reports.wording import written
from rollups.tables.figures import Figure

PARAMETERS = [
    OpenApiParameter(
        "period",
        OpenApiTypes.STR,
        description="期间：2026-10、2026Q3、2026H1、2026 或 2022-01..2026-12",
    ),
    OpenApiParameter("branch", OpenApiTypes.STR, description="妇联组织编码"),
]


class ReportTemplateSerializer(ReadOnlySerializerMixin, serializers.ModelSerializer):
    """A table in use; ``period`` is the one that is due."""

    period = serializers.SerializerMethodField(help_text="该报的一期")

    class Meta:
        model = ReportTemplate
        fields = (
            "slug",
            "title",
            "table_number",
            "issued_by",
            "document_number",
            "period_kind",
            "listing",
            "period",
        )

    def get_period(self, template) -> str:
        return str(usual(template))


class ReportMonthSerializer(serializers.Serializer):
    month = serializers.CharField()
    revision = serializers.IntegerField(allow_null=True, help_text="空为未结账")
    sha256 = serializers.CharField(allow_blank=True)


class ReportColumnSerializer(serializers.Serializer):
    group = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    indicator = serializers.CharField()
    programme = serializers.CharField(allow_blank=True)
    aspect = serializers.CharField()
    unit = serializers.CharField(help_text="“%”的列，值是分数：0.125 就是 12.5%")


class ReportCellSerializer(serializers.Serializer):
    value = serializers.FloatField(allow_null=True)
    text = serializers.CharField(help_text="页面上的写法；没有统计过的是“未统计”")


class ReportRowSerializer(serializers.Serializer):
    branch_code = serializers.CharField(allow_blank=True)
    branch = serializers.CharField()
    level = serializers.CharField(allow_blank=True)
    cells = ReportCellSerializer(many=True)


class FilledReportSerializer(serializers.Serializer):
    """A table filled in for one branch and period."""

    slug = serializers.CharField()
    title = serializers.CharField()
    period = serializers.CharField()
    first = serializers.CharField(help_text="第一个月")
    last = serializers.CharField(help_text="最后一个月")
    branch_code = serializers.CharField()
    branch = serializers.CharField(help_text="填报单位")
    unit = serializers.CharField()
    is_draft = serializers.BooleanField(help_text="有月份未结账")
    months = ReportMonthSerializer(many=True)
    head = serializers.CharField(allow_blank=True, help_text="版本链的校验值")
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="缺哪些月的数"
    )
    columns = ReportColumnSerializer(many=True)
    rows = ReportRowSerializer(many=True)


class ReportViewSet(BranchScopedViewSetMixin, viewsets.ReadOnlyModelViewSet):
    """Tables designed by the district, one filled in at a time."""

    queryset = ReportTemplate.objects.in_use()
    serializer_class = ReportTemplateSerializer
    filter_backends = ()
    lookup_field = "slug"

    def list(self, request, *args, **kwargs):
        branch_asked_for(request.user, VIEW, None)
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=PARAMETERS, responses=FilledReportSerializer)
    def retrieve(self, request, *args, **kwargs):
        asked = request.query_params
        branch, paths = branch_asked_for(request.user, VIEW, asked.get("branch"))
        template, columns = report_asked_for(request.user, kwargs["slug"])
        try:
            period = period_asked_for(template, asked.get("period"))
        except Refusal as refusal:
            raise ValidationError({"period": refusal.messages}) from refusal
        return Response(_spelled(fill(template, columns, period, branch, paths)))


def _spelled(report: Report) -> dict:
    return {
        "slug": report.template.slug,
        "title": report.template.title,
        "period": str(report.period),
        "first": str(report.period.first),
        "last": str(report.period.last),
        "branch_code": report.branch.code,
        "branch": report.branch.name,
        "unit": report.units,
        "is_draft": report.is_draft,
        "months": [
            {
                "month": str(state.month),
                "revision": state.number,
                "sha256": state.sha256,
            }
            for state in report.proof.states
        ],
        "head": report.proof.head,
        "notes": report.notes,
        "columns": [
            {
                "group": column.group,
                "title": column.label,
                "indicator": column.indicator,
                "programme": column.programme.slug if column.programme else "",
                "aspect": column.aspect,
                "unit": column.unit,
            }
            for column in report.columns
        ],
        "rows": [
            {
                "branch_code": row.code,
                "branch": row.name,
                "level": row.level,
                "cells": [
                    {
                        "value": _number(figure),
                        "text": written(report, column, figure),
                    }
                    for column, figure in zip(report.columns, row.figures, strict=True)
                ],
            }
            for row in report.rows
        ],
    }


def _number(figure: Figure) -> int | float | None:
    if not isinstance(figure, Decimal):
        return None
    return int(figure) if figure == figure.to_integral_value() else float(figure)
