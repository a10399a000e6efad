"""Reports made in as few words as the district would need."""

import pytest

from rollups.models import ReportColumn, ReportTemplate


@pytest.fixture
def design(db):
    """Return a function that makes a report of (indicator, aspect, …) columns."""

    def designed(*columns, slug="table", title="活动情况表", **fields):
        template = ReportTemplate(slug=slug, title=title, **fields)
        template.full_clean()
        template.save()
        for position, column in enumerate(columns):
            add_column(template, position, *column)
        return template

    return designed


def add_column(
    template, position, indicator, aspect="now", programme=None, group="", title=""
):
    column = ReportColumn(
        template=template,
        position=position,
        indicator=indicator,
        aspect=aspect,
        programme=programme,
        group=group,
        title=title,
    )
    column.full_clean()
    column.save()
    return column
