"""The counted models, each with a row that is made in March and moved to May.

A new counted model needs an entry here: ``test_write_paths`` fails without one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from activities.models import Activity
from families.models import Household, Inspection, Recognition
from federation.models import Branch, BranchStat, Mark, Placement
from members.models import Delegate, Honour, Member, Post, Term
from rollups.models import ReportedFigure
from tests.factories import (
    BatchFactory,
    MemberFactory,
    ReportedBatchFactory,
    StandardFactory,
)

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


@dataclass(frozen=True)
class Subject:
    """A counted model: how a row of it is made in March, and moved to May."""

    make: Callable  # place -> unsaved row
    moved: Callable  # place -> {field: value} that moves the row
    day_field: str  # the field that decides the month
    before: Callable  # (place, row) -> {(branch id, month, onward)}
    after: Callable
    manager: Callable  # place -> related manager that adopts the row
    adopted: Callable  # (place, row) -> where it counts then
    is_deletable: bool = True


def _activity(place):
    return Activity(
        title="反家庭暴力法宣讲",
        branch=place.community,
        programme=place.programme,
        starts_on=date(2026, 3, 8),
        ends_on=date(2026, 5, 2),
        happening=Activity.Happening.HELD,
        attendance_offline=30,
        result_approved_at=timezone.now(),
    )


def _branch(place):
    return Branch(
        code="370114001009",
        name="新社区妇联",
        short_name="新社区",
        kind=Branch.Kind.NEW_ECONOMY,
        level=Branch.Level.VILLAGE,
        parent=place.street,
        path=f"{place.street.path}370114001009/",
        depth=2,
        founded_on=date(2026, 3, 8),
    )


def _placement(place):
    return Placement(
        branch=place.community,
        parent=place.street,
        name=place.community.name,
        path=place.community.path,
        depth=2,
        level=Branch.Level.VILLAGE,
        from_month=MARCH,
    )


def _post(place):
    return Post(
        member=MemberFactory(branch=place.community),
        branch=place.community,
        started_on=date(2026, 3, 8),
    )


def _term(place):
    return Term(
        branch=place.community,
        number=12,
        elected_on=date(2026, 3, 8),
        due_on=date(2031, 3, 8),
    )


def _honour(place):
    return Honour(
        branch=place.community,
        title="三八红旗手",
        rank=Honour.Rank.CITY,
        awarding_body="市妇联",
        awarded_on=date(2026, 3, 8),
        holder_name="王芳",
    )


def _figure(place):
    batch = ReportedBatchFactory()
    Mark.objects.all().delete()  # of the definition, which counts everybody anew
    return ReportedFigure(branch=place.community, batch=batch, month=MARCH, value=12)


def _delegate(place):
    return Delegate(
        member=MemberFactory(branch=place.community),
        branch=place.community,
        level=Delegate.Level.CITY,
        congress=16,
        started_on=date(2026, 3, 8),
    )


def _stat(place):
    return BranchStat(
        branch=place.community,
        figure=BranchStat.Figure.COURTYARDS,
        as_of=date(2026, 3, 8),
        value=208,
        source="村统计表",
    )


def _household(place):
    return Household(
        branch=place.community,
        number=1,
        contact_name="孟桂芳",
        entered_on=date(2026, 3, 8),
    )


def _inspection(place):
    return Inspection(
        branch=place.community,
        kind=Inspection.Kind.VILLAGE,
        inspected_on=date(2026, 3, 8),
        standard=StandardFactory(),
        points=90,
        grade="model",
        outcome=Inspection.Outcome.MET,
    )


def _recognition(place):
    return Recognition(
        subject=Recognition.Subject.VILLAGE,
        branch=place.community,
        batch=BatchFactory(branch=place.street),
        stage=Recognition.Stage.GRANTED,
        granted_on=date(2026, 3, 8),
        review_due_on=date(2027, 3, 8),
    )


# A person counts where her posts are, and a new one has none: what a change of her
# marks stands in tests/rollups/test_doors.py and tests/members/test_indicators.py.
COUNTED_ELSEWHERE = {Member}

SUBJECTS = {
    Activity: Subject(
        make=_activity,
        moved=lambda place: {
            "branch": place.second_community,
            "starts_on": date(2026, 5, 1),
        },
        day_field="starts_on",
        before=lambda place, row: {(place.community.pk, MARCH, False)},
        after=lambda place, row: {(place.second_community.pk, MAY, False)},
        manager=lambda place: place.second_community.activities,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, False)},
    ),
    Branch: Subject(
        make=_branch,
        moved=lambda place: {"founded_on": date(2026, 5, 1)},
        day_field="founded_on",
        before=lambda place, row: {(row.pk, MARCH, True), (row.pk, MARCH, False)},
        after=lambda place, row: {(row.pk, MAY, True), (row.pk, MAY, False)},
        manager=lambda place: place.sister_street.children,
        adopted=lambda place, row: {(row.pk, MARCH, True), (row.pk, MARCH, False)},
        is_deletable=False,
    ),
    Placement: Subject(
        make=_placement,
        moved=lambda place: {"parent": place.sister_street, "from_month": MAY},
        day_field="from_month",
        before=lambda place, row: {
            (place.community.pk, MARCH, True),
            (place.street.pk, MARCH, True),
        },
        after=lambda place, row: {
            (place.community.pk, MAY, True),
            (place.sister_street.pk, MAY, True),
        },
        manager=lambda place: place.sister_street.placed_below,
        adopted=lambda place, row: {
            (place.community.pk, MARCH, True),
            (place.sister_street.pk, MARCH, True),
        },
    ),
    Post: Subject(
        make=_post,
        moved=lambda place: {
            "branch": place.second_community,
            "started_on": date(2026, 5, 1),
        },
        day_field="started_on",
        before=lambda place, row: {(place.community.pk, MARCH, True)},
        after=lambda place, row: {(place.second_community.pk, MAY, True)},
        manager=lambda place: place.second_community.posts,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, True)},
    ),
    Term: Subject(
        make=_term,
        moved=lambda place: {
            "branch": place.second_community,
            "elected_on": date(2026, 5, 1),
        },
        day_field="elected_on",
        before=lambda place, row: {(place.community.pk, MARCH, True)},
        after=lambda place, row: {(place.second_community.pk, MAY, True)},
        manager=lambda place: place.second_community.terms,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, True)},
    ),
    Honour: Subject(
        make=_honour,
        moved=lambda place: {
            "branch": place.second_community,
            "awarded_on": date(2026, 5, 1),
        },
        day_field="awarded_on",
        before=lambda place, row: {(place.community.pk, MARCH, False)},
        after=lambda place, row: {(place.second_community.pk, MAY, False)},
        manager=lambda place: place.second_community.honours,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, False)},
    ),
    ReportedFigure: Subject(
        make=_figure,
        moved=lambda place: {"branch": place.second_community, "month": MAY},
        day_field="month",
        before=lambda place, row: {(place.community.pk, MARCH, False)},
        after=lambda place, row: {(place.second_community.pk, MAY, False)},
        manager=lambda place: place.second_community.reported_figures,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, False)},
    ),
    Delegate: Subject(
        make=_delegate,
        moved=lambda place: {
            "branch": place.second_community,
            "started_on": date(2026, 5, 1),
        },
        day_field="started_on",
        before=lambda place, row: {(place.community.pk, MARCH, False)},
        after=lambda place, row: {(place.second_community.pk, MAY, False)},
        manager=lambda place: place.second_community.delegates,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, False)},
    ),
    BranchStat: Subject(
        make=_stat,
        moved=lambda place: {
            "branch": place.second_community,
            "as_of": date(2026, 5, 1),
        },
        day_field="as_of",
        before=lambda place, row: {(place.community.pk, MARCH, True)},
        after=lambda place, row: {(place.second_community.pk, MAY, True)},
        manager=lambda place: place.second_community.stats,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, True)},
    ),
    Household: Subject(
        make=_household,
        moved=lambda place: {
            "branch": place.second_community,
            "entered_on": date(2026, 5, 1),
        },
        day_field="entered_on",
        before=lambda place, row: {(place.community.pk, MARCH, True)},
        after=lambda place, row: {(place.second_community.pk, MAY, True)},
        manager=lambda place: place.second_community.households,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, True)},
    ),
    Inspection: Subject(
        make=_inspection,
        moved=lambda place: {
            "branch": place.second_community,
            "inspected_on": date(2026, 5, 1),
        },
        day_field="inspected_on",
        before=lambda place, row: {(place.community.pk, MARCH, False)},
        after=lambda place, row: {(place.second_community.pk, MAY, False)},
        manager=lambda place: place.second_community.inspections,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, False)},
    ),
    Recognition: Subject(
        make=_recognition,
        moved=lambda place: {
            "branch": place.second_community,
            "granted_on": date(2026, 5, 1),
        },
        day_field="granted_on",
        before=lambda place, row: {(place.community.pk, MARCH, True)},
        after=lambda place, row: {(place.second_community.pk, MAY, True)},
        manager=lambda place: place.second_community.recognitions,
        adopted=lambda place, row: {(place.second_community.pk, MARCH, True)},
    ),
}
