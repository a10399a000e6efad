"""What the district defines without code stands in its tables as anything else."""

from datetime import date

import pytest

from rollups import engine
from rollups.models import DerivedIndicator
from tests.factories import (
    DerivedIndicatorFactory,
    ReportedBatchFactory,
    ReportedFigureFactory,
    ReportedIndicatorFactory,
)
from tests.rollups.reading import SESSIONS, hold

URL = "/rollups/reports/table/?period=2026-03"


@pytest.fixture
def designer(client, district_admin):
    client.force_login(district_admin)
    return client


def rows_of(response) -> dict:
    return {
        line["row"].name: [cell["text"] for cell in line["cells"]]
        for line in response.context["filled"]["rows"]
    }


def test_a_narrowed_and_a_typed_figure_are_columns(
    designer, design, street, community, sister_community
):
    lectures = DerivedIndicatorFactory()
    jobs = ReportedBatchFactory(
        indicator=ReportedIndicatorFactory(slug="jobs", name="妈妈岗", unit="个")
    )
    hold(community, date(2026, 3, 1), kind="lecture")
    hold(community, date(2026, 3, 2), kind="culture")
    hold(sister_community, date(2026, 3, 3), kind="culture")
    ReportedFigureFactory(
        branch=community, batch=jobs, month=date(2026, 3, 1), value=12
    )
    engine.drain_marks()
    design((SESSIONS,), (lectures.code,), (jobs.code,))

    page = designer.get(URL)
    assert rows_of(page) == {
        "合计": ["3", "1", "12"],
        "明水街道妇联": ["2", "1", "12"],
        "双山街道妇联": ["1", "0", "0"],
    }
    assert [head["title"] for head in page.context["filled"]["heads"]] == [
        "活动场次",
        "讲座场次",
        "妈妈岗",
    ]
    cell = page.context["filled"]["rows"][1]["cells"][1]
    assert designer.get(cell["url"]).context["figure"] == "1"

    said = designer.get("/admin/rollups/reporttemplate/add/").content.decode()
    assert f'value="{lectures.code}"' in said
    assert "妈妈岗（个）" in said


def test_a_definition_that_goes_leaves_its_column_empty(
    designer, design, community, django_assert_num_queries
):
    lectures = DerivedIndicatorFactory()
    hold(community, date(2026, 3, 1), kind="lecture")
    engine.drain_marks()
    design((lectures.code,), (SESSIONS,))
    DerivedIndicator.objects.all().delete()

    page = designer.get(URL)
    assert rows_of(page)["合计"] == ["—", "1"]
    assert designer.get("/rollups/reports/table.xlsx?period=2026-03").status_code == 200
    # What is defined is read once for a page, however often it is asked for.
    with django_assert_num_queries(11):
        designer.get(URL)
