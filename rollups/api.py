"""`/api/v1/rollups/`: the long table, page by page, by the pages' own parameters."""

from decimal import Decimal
from itertools import pairwise

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from federation.scoped_api import BranchScopedViewSetMixin
from rollups import month_api
from rollups.forms import VIEW, TableForm, branch_asked_for
from rollups.models import Rollup
from rollups.report_api import ReportViewSet
from rollups.tables import LongTable, Question, wide_table
from rollups.tables.columns import Aspect
from rollups.tables.long import COLUMNS, NUMBERS

PARAMETERS = [
    OpenApiParameter("from", OpenApiTypes.STR, description="起始月份，如 2026-01"),
    OpenApiParameter("to", OpenApiTypes.STR, description="截止月份，如 2026-11"),
    OpenApiParameter("branch", OpenApiTypes.STR, description="妇联组织编码"),
    OpenApiParameter(
        "level", OpenApiTypes.STR, description="列出的层级，如 town；默认直接下级"
    ),
    OpenApiParameter("programme", OpenApiTypes.STR, description="项目标识，含下级项目"),
    OpenApiParameter(
        "basis",
        OpenApiTypes.STR,
        description="then（当时口径，默认）、now（现口径），或一个月份：按那个月的隶属",
    ),
    OpenApiParameter("target", OpenApiTypes.BOOL, description="附上年度目标和完成率"),
    OpenApiParameter(
        "indicator", OpenApiTypes.STR, many=True, description="指标编码，可重复"
    ),
]


class RollupRowSerializer(serializers.Serializer):
    """One row of the long table: month × branch × programme × indicator."""

    month = serializers.CharField(help_text="月份，2026-03")
    branch_code = serializers.CharField()
    branch = serializers.CharField()
    level = serializers.CharField(help_text="层级；rest 为本级及直属")
    programme = serializers.CharField(help_text="项目标识；none 为不分项目")
    indicator = serializers.CharField()
    name = serializers.CharField(help_text="指标名称")
    unit = serializers.CharField()
    own = serializers.FloatField(allow_null=True, help_text="本级")
    total = serializers.FloatField(
        allow_null=True, help_text="合计，含下级；null 为未统计"
    )
    status = serializers.CharField(help_text="open 或 revision n")
    numerator = serializers.FloatField(allow_null=True, help_text="比率的分子")
    denominator = serializers.FloatField(allow_null=True, help_text="比率的分母")
    kind = serializers.CharField()


class RollupPagination(api_settings.DEFAULT_PAGINATION_CLASS):
    """Pages that say as well what their figures lack."""

    def get_paginated_response_schema(self, schema):
        answer = super().get_paginated_response_schema(schema)
        text = {"type": "string"}
        answer["properties"] |= {
            "uncounted": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "indicator": text,
                        "months": {"type": "array", "items": text},
                    },
                },
            },
            "notes": {"type": "array", "items": text},
            "targets": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "indicator": text,
                        "year": {"type": "integer"},
                        "branch_code": text,
                        "branch": text,
                        "target": {"type": "number"},
                        "achieved": {"type": "number", "nullable": True},
                    },
                },
            },
        }
        return answer


class RollupViewSet(BranchScopedViewSetMixin, viewsets.GenericViewSet):
    """Monthly figures; a row that is missing is a zero, one without own and total was
    not counted."""

    queryset = Rollup.objects.all()
    serializer_class = RollupRowSerializer
    pagination_class = RollupPagination
    filter_backends = ()

    @extend_schema(parameters=PARAMETERS)
    def list(self, request):
        branch, paths = branch_asked_for(
            request.user, VIEW, request.query_params.get("branch")
        )
        form = TableForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors_by_parameter)
        question = form.question(branch, paths)
        table = LongTable(question)
        rows = self.paginate_queryset(table)
        response = self.get_paginated_response([_spelled(row) for row in rows])
        response.data["uncounted"] = _uncounted(table)
        response.data["notes"] = table.notes
        if form.cleaned_data["target"]:
            response.data["targets"] = _targets(question)
        return response


def _spelled(cells: tuple) -> dict:
    row = dict(zip(COLUMNS, cells, strict=True))
    for name in NUMBERS:
        row[name] = _number(row[name])
    return row


def _number(text: str | None) -> int | float | None:
    if text is None:
        return None
    return float(text) if "." in text else int(Decimal(text))


def _uncounted(table: LongTable) -> list[dict]:
    """Return the indicators that closed months of the period did not count yet."""
    found = (
        (indicator, table.coverage.gap(indicator, table.question))
        for indicator in table.question.asked
    )
    return [
        {"indicator": indicator.code, "months": [str(month) for month in gap.months]}
        for indicator, gap in found
        if gap
    ]


def _targets(question: Question) -> list[dict]:
    """Return the rows of the wide table that have a target, with what was done of it
    since January."""
    table = wide_table(question, target=True)
    return [
        {
            "indicator": target.indicator.code,
            "year": question.last.year,
            "branch_code": row.code,
            "branch": row.name,
            "target": value,
            "achieved": share if isinstance(share, Decimal) else None,
        }
        for row in table.rows
        for (target, value), (_, share) in pairwise(
            zip(table.columns, row.figures, strict=True)
        )
        if target.aspect is Aspect.TARGET and value is not None
    ]


def register(router) -> None:
    router.register("rollups", RollupViewSet, basename="rollups")
    month_api.register(router)
    router.register("reports", ReportViewSet, basename="reports")
