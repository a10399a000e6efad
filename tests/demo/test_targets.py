"""This year's targets in the demo: the district's, every town's, and no village's."""

from federation.models import Branch
from federation.months import Month
from rollups import registry
from rollups.models import Target
from rollups.tables import Question, wide_table
from tests.seeded import TODAY

SESSIONS = "activities.sessions"


def test_the_district_and_every_town_has_its_targets():
    towns = Branch.objects.filter(level="town").count()
    assert Target.objects.filter(year=TODAY.year).count() == 2 * (towns + 1)
    assert set(Target.objects.values_list("level", flat=True)) == {"district", "town"}
    assert not Target.objects.filter(document_number="").exists()


def test_the_table_shows_how_far_each_has_come():
    question = Question(
        branch=Branch.objects.root(),
        first=Month.of(TODAY),
        last=Month.of(TODAY),
        indicators=(registry.indicator(SESSIONS),),
        level="town",
    )
    table = wide_table(question, target=True)
    achieved = next(n for n, one in enumerate(table.columns) if one.is_share)
    shares = [row.figures[achieved] for row in table.rows[:-1]]
    assert None not in shares
    assert 0 < shares[0] < 2
