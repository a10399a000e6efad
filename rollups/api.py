"""`/api/v1/rollups/`: the long table, page by page, by the pages' own parameters."""

from decimal import Decimal

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError

from federation.scoped_api import BranchScopedViewSetMixin
from rollups import month_api
from rollups.forms import VIEW, TableForm, branch_asked_for
from rollups.models import Rollup
from rollups.tables import LongTable
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
    total = serializers.FloatField(help_text="合计，含下级")
    status = serializers.CharField(help_text="open 或 revision n")
    numerator = serializers.FloatField(allow_null=True, help_text="比率的分子")
    denominator = serializers.FloatField(allow_null=True, help_text="比率的分母")
    kind = serializers.CharField()


class RollupViewSet(BranchScopedViewSetMixin, viewsets.GenericViewSet):
    """Monthly figures; a row that is missing is a zero."""

    queryset = Rollup.objects.all()
    serializer_class = RollupRowSerializer
    filter_backends = ()

    @extend_schema(parameters=PARAMETERS)
    def list(self, request):
        branch, paths = branch_asked_for(
            request.user, VIEW, request.query_params.get("branch")
        )
        form = TableForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors_by_parameter)
        rows = self.paginate_queryset(LongTable(form.question(branch, paths)))
        return self.get_paginated_response([_spelled(row) for row in rows])


def _spelled(cells: tuple) -> dict:
    row = dict(zip(COLUMNS, cells, strict=True))
    for name in NUMBERS:
        row[name] = _number(row[name])
    return row


def _number(text: str | None) -> int | float | None:
    if text is None:
        return None
    return float(text) if "." in text else int(Decimal(text))


def register(router) -> None:
    router.register("rollups", RollupViewSet, basename="rollups")
    month_api.register(router)
