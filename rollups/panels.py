"""The way from the staff's first page to the figures."""

from django.db.models import Sum

from federation.models import Branch
from federation.months import Month
from federation.panels import panel
from federation.scope import granted_paths
from rollups.models import Rollup

SHOWN = ("activities.sessions", "activities.attendance")


@panel("staff", "figures", "rollups/_panel_staff.html", position=200)
def figures_of_this_month(request, **page):
    """Return this month's sessions and attendance below the reader's first place."""
    paths = granted_paths(request.user, "rollups.view_rollup")
    if not paths:
        return None
    branch = Branch.objects.filter(path__startswith=paths[0]).order_by("path").first()
    month = Month.current()
    rows = Rollup.objects.filter(
        month=month.first_day, branch=branch, indicator__in=SHOWN
    )
    totals = dict(rows.order_by().values_list("indicator").annotate(total=Sum("total")))
    sessions, attendance = (int(totals.get(code, 0)) for code in SHOWN)
    return {
        "branch": branch,
        "month": month,
        "sessions": sessions,
        "attendance": attendance,
    }
