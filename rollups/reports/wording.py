"""What a report says around its figures: the same words on page, paper and in files."""

from __future__ import annotations

from decimal import Decimal

from rollups.models import ReportColumn
from rollups.registry import Kind
from rollups.reports.filling import Report
from rollups.reports.proof import HASH_SHOWN
from rollups.tables.figures import Figure
from rollups.wording import shown

Aspect = ReportColumn.Aspect
CHANGES = (Aspect.CHANGE, Aspect.YEAR_CHANGE)
DRAFT = "草稿"


def written(report: Report, column: ReportColumn, figure: Figure) -> str:
    """Return a figure as people read it: ``1,234``, ``62.8%``, ``+12.5%``, 未统计."""
    if not isinstance(figure, Decimal):
        return shown(figure)
    if not column.is_percentage:
        return f"{figure:,.{digits_of(report, column, figure)}f}"
    percent = f"{abs(figure) * 100:.{report.template.decimals}f}%"
    if column.aspect not in CHANGES:
        return percent
    sign = "+" if figure > 0 else "−" if figure < 0 else ""
    return f"{sign}{percent}"


def digits_of(report: Report, column: ReportColumn, figure: Decimal) -> int:
    """Return how many decimals *figure* is written with: a count has none, a ratio as
    many as the ones below it."""
    is_whole = figure == figure.to_integral_value()
    is_ratio = column.counted is not None and column.counted.kind is Kind.RATIO
    return 0 if is_whole and not is_ratio else report.template.decimals


def unit_of(column: ReportColumn) -> str:
    """Return the unit that stands below the column's title: none where the title says
    it, and of a percentage none, for each figure carries its sign."""
    said = f"{column.group}{column.label}"
    return "" if column.is_percentage or column.unit in said else column.unit


def titled(column: ReportColumn) -> str:
    """Return the title of a column in a file: with its unit."""
    unit = unit_of(column)
    return f"{column.label}（{unit}）" if unit else column.label


def corner_lines(report: Report) -> list[tuple[str, str]]:
    """Return what stands in the upper corner of such tables, as far as it is known."""
    template = report.template
    lines = [
        ("表号", template.table_number),
        ("制表机关", template.issued_by),
        ("文号", template.document_number),
    ]
    return [(label, text) for label, text in lines if text]


def state_line(report: Report) -> str:
    """Return the revision of each month, with the first characters of its hash."""
    said = "，".join(state.label for state in report.proof.states)
    return f"各月版本（年-月/版次 校验值前 {HASH_SHOWN} 位）：{said}。"


def file_name(report: Report, suffix: str) -> str:
    """Return ``妇联组织活动情况月报表2026-10章丘区妇联.xlsx``."""
    draft = f"（{DRAFT}）" if report.is_draft else ""
    period = str(report.period).replace("..", "至")
    return f"{report.template.title}{period}{report.branch.name}{draft}.{suffix}"
