"""Pages beside the form and the list: “重复” and 参与联办."""

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from activities import review, series
from activities.models import Activity, ActivityPartner, Series
from federation.models import Branch
from federation.scope import visible_choices

LINES_A_PAGE = 50


class RepeatForm(forms.Form):
    rhythm = forms.ChoiceField(
        label="多久一次", choices=Series.Rhythm, widget=forms.RadioSelect
    )
    sessions = forms.IntegerField(
        label="再办几场",
        min_value=1,
        max_value=series.MOST_SESSIONS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "pattern": "[0-9]*"}),
        error_messages={
            "required": "请填写再办几场。",
            "invalid": "请填写整数。",
            "min_value": f"请填写 1 到 {series.MOST_SESSIONS} 之间的场数。",
            "max_value": f"请填写 1 到 {series.MOST_SESSIONS} 之间的场数。",
        },
    )
    submit = forms.BooleanField(label="同时提交审核", required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)


class ActivityPages:
    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "joined/", closed(self.joined_view), name="activities_activity_joined"
            ),
            path(
                "<int:pk>/repeat/",
                closed(self.repeat_view),
                name="activities_activity_repeat",
            ),
            *super().get_urls(),
        ]

    def repeat_view(self, request, pk):
        activity = get_object_or_404(
            Activity.objects.visible_to(request.user).select_related("branch"), pk=pk
        )
        wanted = (review.CHANGE, series.ADD_SERIES)
        if not all(request.user.has_perm(needed, activity) for needed in wanted):
            raise PermissionDenied
        unsent = {
            "rhythm": Series.Rhythm.WEEKLY,
            "sessions": 4,
            "token": uuid.uuid4(),
            "submit": True,
        }
        form = RepeatForm(request.POST or None, initial=unsent)
        if request.method == "POST" and form.is_valid():
            made = self._repeated(request, activity, form)
            if made:
                messages.success(request, _sentence_of(made, form.cleaned_data))
                return redirect(
                    f"{reverse('admin:activities_activity_changelist')}"
                    f"?series__id__exact={made[0].series_id}"
                )
        source = review.working_copy(activity)
        context = {
            **self.admin_site.each_context(request),
            "title": "重复",
            "activity": source,
            "form": form,
        }
        return TemplateResponse(
            request, "admin/activities/activity/repeat.html", context
        )

    def _repeated(self, request, activity, form) -> list[Activity] | None:
        values = form.cleaned_data
        try:
            return series.repeat(activity, request.user, **values)
        except IntegrityError:
            # Sent twice at the same moment; the other made them.
            return series.repeat(activity, request.user, **values)
        except ValidationError as refusal:
            form.add_error(None, ValidationError(refusal.messages))
            return None

    def joined_view(self, request):
        """List 参与联办: what other branches held together with one's own. Nothing
        here is added up; who held it counts it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = visible_choices(Branch, request.user, "activities.view_activity")
        mine = ActivityPartner.objects.filter(branch__in=own).select_related("branch")
        found = (
            Activity.objects.joined_by(own)
            .filter(approved_at__isnull=False)
            .exclude(review=Activity.Review.WITHDRAWN)
            .select_related("branch__parent", "programme")
            .prefetch_related(Prefetch("partners", mine, "my_partners"))
            .order_by("-starts_on", "-pk")
        )
        lines = Paginator(found, LINES_A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "参与联办",
            "lines": lines,
        }
        return TemplateResponse(
            request, "admin/activities/activity/joined.html", context
        )


def _sentence_of(made: list[Activity], values: dict) -> str:
    first, last = made[0].starts_on, made[-1].starts_on
    state = "已提交审核" if values["submit"] else "存为草稿"
    return f"共 {len(made)} 场（{first:%Y-%m-%d} 到 {last:%Y-%m-%d}），{state}。"
