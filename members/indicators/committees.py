"""Branches whose committee is complete at month end, and terms that are overdue."""

from django.db.models import Count

from members.models import Term
from rollups.readings import at_month_end, records_at_month_end
from rollups.registry import Indicator, Kind, Source, register


def _complete(month_end):
    return Term.objects.with_complete_committee(month_end)


def _overdue(month_end):
    return Term.objects.overdue(month_end)


def _source(name, of_month):
    return Source(
        name=name,
        rows=at_month_end(of_month, {"terms": Count("pk")}),
        records=records_at_month_end(of_month),
        columns={
            "组织": lambda term: term.branch.name,
            "届次": lambda term: f"第 {term.number} 届",
            "选举日期": lambda term: term.elected_on,
            "届满日期": lambda term: term.due_on,
            "执委名额": lambda term: term.seats_planned,
        },
        link=lambda term: f"/admin/members/term/{term.pk}/change/",
    )


register(
    Indicator(
        code="members.complete_committees",
        label="班子配齐的组织",
        unit="个",
        kind=Kind.STOCK,
        source=_source("complete committees", _complete),
        measure="terms",
    ),
    Indicator(
        code="members.terms_overdue",
        label="届满未换届的组织",
        unit="个",
        kind=Kind.STOCK,
        source=_source("overdue terms", _overdue),
        measure="terms",
    ),
)
