"""What activities show on the public pages made of several parts."""

from datetime import timedelta

from django.db.models import F
from django.urls import reverse

from activities.agenda import first_lines, in_order_of_days, lines_of, spans_of
from activities.calendar import (
    ONE_DAY,
    count_within,
    days_between,
    lay_out,
    list_by_day,
)
from activities.filters import ActivityFilter
from activities.models import Activity
from federation.months import local_today
from federation.panels import panel

WEEK_LINES_A_DAY = 3
BRANCH_LINES = 8
SEARCH_LINES = 20


@panel("home", "this week", "activities/_panel_week.html", position=10)
def this_week(request) -> dict:
    """Show today and the six days after it, the first lines of each."""
    today = local_today()
    end = today + timedelta(days=7)
    activities = Activity.objects.public()
    spans = spans_of(activities, today, end)
    lines = first_lines(activities, today, end, WEEK_LINES_A_DAY) if spans else []
    days = lay_out(days_between(today, end), lines, spans, WEEK_LINES_A_DAY, today)
    return {
        "days": [day for day in days if day.count],
        "total": count_within(spans, today, end),
        "last_day": end - ONE_DAY,
        "today": today,
        "root": reverse("activities:calendar"),
    }


@panel("branch", "activities", "activities/_panel_branch.html", position=10)
def of_branch(request, branch) -> dict:
    """Show what the branch and those below it have coming, and what they have done."""
    today = local_today()
    activities = Activity.objects.public().within(branch)
    coming = in_order_of_days(activities.filter(ends_on__gte=today))
    past = activities.filter(ends_on__lt=today).order_by(
        "-starts_on", F("starts_at").desc(nulls_last=True), "-pk"
    )
    return {
        "branch": branch,
        "coming": list_by_day(lines_of(coming[:BRANCH_LINES]), today, since=today),
        "past": list_by_day(lines_of(past[:BRANCH_LINES]), today),
        "root": reverse("activities:calendar"),
        "query": f"?branch={branch.code}",
    }


@panel("search", "activities", "activities/_panel_search.html", position=20)
def that_match(request, words) -> dict:
    """Show the activities that bear *words*: coming ones first, then the latest."""
    today = local_today()
    found = ActivityFilter({"q": words}, Activity.objects.public()).qs
    coming = lines_of(
        in_order_of_days(found.filter(ends_on__gte=today))[:SEARCH_LINES]
    )
    past = []
    if len(coming) < SEARCH_LINES:
        latest = found.filter(ends_on__lt=today).order_by("-starts_on", "-pk")
        past = lines_of(latest[: SEARCH_LINES - len(coming)])
    return {
        "coming": list_by_day(coming, today, since=today),
        "past": list_by_day(past, today),
        "root": reverse("activities:calendar"),
        "words": words,
    }
