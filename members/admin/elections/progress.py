"""换届进度: the streets in the order of the tree, and the terms due next."""

from datetime import date

from django import forms
from django.core.exceptions import PermissionDenied
from django.urls import path

from federation.models import Branch
from federation.months import local_today
from members.admin.elections.forms import day_field
from members.admin.elections.pages import ADD, VIEW, ElectionPages
from members.elections import progress
from members.models import Election

HORIZONS = (3, 6, 12)


class ProgressForm(forms.Form):
    since = day_field("这一轮从哪天算起", required=False)
    months = forms.TypedChoiceField(
        label="看多久以内届满的",
        choices=[(months, f"{months} 个月内") for months in HORIZONS],
        coerce=int,
        required=False,
        empty_value=HORIZONS[1],
        widget=forms.RadioSelect,
    )

    def asked(self, today: date) -> tuple[date, int]:
        """Return what is asked for, or the usual: this year, half a year ahead."""
        answers = self.cleaned_data if self.is_valid() else {}
        since = answers.get("since") or date(today.year, 1, 1)
        return since, answers.get("months") or HORIZONS[1]


class ProgressPage(ElectionPages):
    def get_urls(self):
        page = path(
            "progress/",
            self.admin_site.admin_view(self.progress_view),
            name="members_election_progress",
        )
        return [page, *super().get_urls()]

    def progress_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = local_today()
        form = ProgressForm(request.GET)
        since, months = form.asked(today)
        branches = Branch.objects.active().visible_to(request.user, VIEW)
        streets = progress.streets_of(branches)
        rows = progress.progress(streets, since, today)
        seen = Election.objects.open().visible_to(request.user)
        return self.page(
            request,
            "progress",
            "换届进度",
            form=ProgressForm(initial={"since": since, "months": months}),
            since=since,
            months=months,
            today=today,
            rows=rows,
            totals={
                name: sum(getattr(row, name) for row in rows)
                for name in progress.COLUMNS
            },
            due=list(progress.due_terms(streets, today, months)),
            open_elections=seen.select_related("branch").order_by("branch__path"),
            may_start=request.user.has_perm(ADD),
        )
