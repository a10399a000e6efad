"""What the staff's first page says of the figures and of the month's reporting, what
a branch's page says of its history, and the month's page before a closing."""

from django.db.models import Sum
from django.utils import timezone

from federation.models import Branch
from federation.months import Month
from federation.panels import panel
from federation.scope import granted_paths
from rollups.corrections.reading import to_do
from rollups.history import history_of
from rollups.models import Rollup, Submission
from rollups.reminders import overview
from rollups.reported import answers_of
from rollups.submissions import acts, as_expected, due_of, reporting
from rollups.submissions.progress import counts_of
from rollups.submissions.reading import month_to_report, own_to_report

TO_REPORT = 3
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


@panel("staff", "to report", "rollups/_panel_to_report.html", position=5)
def to_report(request, **page):
    """Return the months her branches have not reported, each with its one tap; and for
    whoever sees other branches, how far these are."""
    user = request.user
    if not user.has_perm(acts.VIEW):
        return None
    month = month_to_report()
    listed = Submission.objects.visible_to(user).of_month(month)
    own = list(own_to_report(user)[: TO_REPORT + 1])
    others = counts_of(listed) if user.has_perm(acts.RETURN) else None
    if not own and not (others and others.expected):
        return None
    return {
        "lines": [_line(submission) for submission in own[:TO_REPORT]],
        "own_branch": user.branch_id,
        "has_more": len(own) > TO_REPORT,
        "month": month,
        "others": others,
    }


def _line(submission: Submission) -> dict:
    branch, month = submission.branch, Month.of(submission.month)
    place, answers = (branch.pk, month.first_day), answers_of([month], [branch.pk])
    return {
        "submission": submission,
        "branch": branch,
        "month": month,
        "figures": reporting.counted(branch, month),
        "missing": len(answers.missing(place, branch.level)),
        "has_filled": not answers.is_nothing(place),
        "left": len(reporting.unfinished(branch, month)),
        "in_review": len(reporting.in_review(branch, month)),
        "due_at": due_of(month),
        "now": timezone.now(),
    }


@panel("branch", "history", "rollups/_panel_history.html", position=20)
def history(request, branch):
    """Tell the staff of a branch where its history comes from, and where it went."""
    lines = history_of(branch, request.user) if request.user.is_authenticated else []
    return {"lines": lines} if lines else None


@panel("month", "submissions", "rollups/_panel_month.html", position=5)
def not_reported(request, month):
    """Say before a closing who has not reported."""
    counts = counts_of(Submission.objects.visible_to(request.user).of_month(month))
    return {"month": month, "counts": counts} if counts.expected else None


@panel("month", "reminders", "rollups/_panel_reminders.html", position=6)
def reminders_sent(request, month):
    """Say which reminders went out, and who has to be called."""
    user = request.user
    if not user.has_perm("rollups.view_reminder"):
        return None
    if not Submission.objects.visible_to(user).of_month(month).exists():
        return None
    return {
        "is_off": not as_expected().sends_reminders,
        "sent": overview.sent_for(month, user),
        "unreachable": overview.unreachable(month, user),
    }


@panel("staff", "corrections", "rollups/_panel_corrections.html", position=8)
def corrections_to_do(request, **page):
    """Say which late records wait for her, and how many of hers are on their way."""
    found = to_do(request.user)
    if not found or not any(found.values()):
        return None
    decide = found["street"] + found["district"]
    stage = "district" if found["district"] else "street"
    if found["street"] and found["district"]:
        stage = "waiting"
    return found | {"decide": decide, "stage": stage}
