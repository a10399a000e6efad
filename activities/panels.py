"""What activities show on the public pages made of several parts."""

from datetime import timedelta

from django.urls import reverse

from activities.agenda import agenda_of, lines_of, listed, past
from activities.calendar import (
    ONE_DAY,
    count_within,
    days_between,
    lay_out,
    list_by_day,
)
from activities.doubts import doubtful
from activities.filters import ActivityFilter
from activities.models import Activity
from activities.models.choices import Review
from activities.to_do import Line
from activities.to_do import lines_of as lines_of_to_do
from federation.deputies import standing_in
from federation.months import local_today
from federation.panels import panel

WEEK_LINES_A_DAY = 2
BRANCH_LINES = 8
SEARCH_LINES = 20


@panel("home", "this week", "activities/_panel_week.html", position=10)
def this_week(request) -> dict:
    """Show today and the six days after it, the first lines of each."""
    today = local_today()
    end = today + timedelta(days=7)
    activities = Activity.objects.public()
    lines, spans = agenda_of(activities, today, end, WEEK_LINES_A_DAY)
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
    coming = lines_of(listed(activities, today)[:BRANCH_LINES])
    latest = lines_of(past(activities, today)[:BRANCH_LINES])
    return {
        "branch": branch,
        "coming": list_by_day(coming, today, since=today),
        "past": list_by_day(latest, today),
        "root": reverse("activities:calendar"),
        "query": f"?branch={branch.code}",
    }


@panel("search", "activities", "activities/_panel_search.html", position=20)
def that_match(request, words) -> dict:
    """Show the activities that bear *words*: coming ones first, then the latest."""
    today = local_today()
    found = ActivityFilter({"q": words}, Activity.objects.public()).qs
    coming = lines_of(listed(found, today)[:SEARCH_LINES])
    latest = lines_of(past(found, today)[: SEARCH_LINES - len(coming)])
    return {
        "coming": list_by_day(coming, today, since=today),
        "past": list_by_day(latest, today),
        "root": reverse("activities:calendar"),
        "words": words,
    }


@panel("staff", "activities to do", "activities/_panel_staff.html", position=10)
def to_do(request) -> dict | None:
    """Show staff in three lines what is to do, and reviewers what waits for them."""
    lines = lines_of_to_do(request.user)
    if not lines:
        return None
    return {
        "lines": lines,
        "may_enter": request.user.has_perm("activities.add_activity"),
        "own_branch": request.user.branch_id,
        "standing_in": standing_in(request.user),
    }


@panel("figures", "awaiting figures", "activities/_panel_figures.html", position=10)
def awaiting_figures(request, question):
    """Return 待补数 of the table's months and branches: no zero, but in no figure."""
    first, end = question.first.first_day, question.last.next_first_day
    waiting = (
        Activity.objects.visible_to(request.user)
        .within(question.branch)
        .awaiting_figures()
        .filter(starts_on__gte=first, starts_on__lt=end)
    )
    if question.programme:
        waiting = waiting.filter(programme__in=question.programme_ids)
    number = waiting.count()
    return {"number": number} if number else None


@panel("month", "unfinished activities", "activities/_panel_month.html", position=10)
def unfinished(request, month) -> dict:
    """Show what a closing of *month* would leave out: it is in no figure yet."""
    held = Activity.objects.visible_to(request.user).held_in(month)
    dates = {
        "starts_on__gte": month.first_day.isoformat(),
        "starts_on__lt": month.next_first_day.isoformat(),
    }
    lines = [
        Line(
            review.value,
            label,
            held.filter(review=review).count(),
            {"review__exact": review.value, **dates},
        )
        for review, label in (
            (Review.SUBMITTED, "待审"),
            (Review.RETURNED, "已退回、还没改好"),
            (Review.DRAFT, "草稿"),
        )
    ]
    figures = held.awaiting_figures().count()
    lines.append(
        Line("figures", "已举办、还没补人次", figures, {"todo": "figures", **dates})
    )
    doubts = doubtful(held).count()
    lines.append(Line("doubts", "存疑", doubts, {"todo": "doubts", **dates}))
    return {"lines": lines}
