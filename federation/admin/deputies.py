"""Standing in (代理): the page where a reviewer lets a colleague act for her."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST
from unfold import widgets
from unfold.decorators import action

from federation import deputies
from federation.id_numbers import refuse_id_number
from federation.models import Grant
from federation.months import local_today

A_WEEK = timedelta(days=7)


def _day(label, **options):
    widget = forms.DateInput(
        {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)}, format="%Y-%m-%d"
    )
    errors = {"invalid": "请填写日期，如 2026-03-02。"}
    return forms.DateField(label=label, widget=widget, error_messages=errors, **options)


class AccountChoice(forms.ModelChoiceField):
    def label_from_instance(self, account):
        return f"{account}（{account.branch.short_name}）"


class DeputyForm(forms.Form):
    deputy = AccountChoice(
        None,
        label="由谁代理",
        empty_label="请选择",
        widget=widgets.UnfoldAdminSelectWidget(),
        error_messages={"invalid_choice": "请从列出的账号里选一位。"},
    )
    starts_on = _day("从哪天起")
    ends_on = _day("到哪天止（含当天）")
    note = forms.CharField(
        label="原因",
        required=False,
        max_length=200,
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text="如“外出学习”。可不填。",
    )

    def __init__(self, *args, user, grant: Grant, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.grant = user, grant
        self.fields["deputy"].queryset = deputies.colleagues(user, grant)
        today = local_today()
        self.initial = {"starts_on": today, "ends_on": today + A_WEEK}

    def appoint(self) -> Grant | None:
        """Return the deputy's grant; None if it was refused, with the reasons here."""
        try:
            return deputies.appoint(self.grant, by=self.user, **self.cleaned_data)
        except ValidationError as refusal:
            known = {
                name if name in self.fields else None: errors
                for name, errors in refusal.update_error_dict({}).items()
            }
            for name, errors in known.items():
                self.add_error(name, errors)
            return None


class DeputyPages:
    """Two addresses: one appoints a deputy, one ends it before its time."""

    @action(description="代理审核", url_path="to-deputies", permissions=["appoint"])
    def see_deputies(self, request):
        return HttpResponseRedirect(reverse("admin:federation_user_deputies"))

    def has_appoint_permission(self, request):
        return request.user.has_perm(deputies.APPOINT)

    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "deputies/",
                closed(self.deputies_view),
                name="federation_user_deputies",
            ),
            path(
                "deputies/<int:pk>/dismiss/",
                closed(require_POST(self.dismiss_view)),
                name="federation_user_dismiss_deputy",
            ),
            *super().get_urls(),
        ]

    def deputies_view(self, request):
        if not self.has_appoint_permission(request):
            raise PermissionDenied
        grants = deputies.lendable(request.user)
        grant = _chosen(grants, request.POST.get("for") or request.GET.get("for"))
        form = None
        if grant:
            sent = request.POST or None
            form = DeputyForm(sent, user=request.user, grant=grant)
            if sent and form.is_valid() and (lent := form.appoint()):
                messages.success(
                    request,
                    f"已定：{lent.starts_on} 到 {lent.ends_on}，{lent.user}"
                    f"代{grant.user}审核。到期自动结束。",
                )
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "代理审核",
            "opts": self.opts,
            "grants": grants,
            "grant": grant,
            "form": form,
            "lent": deputies.deputies_of(request.user),
            "today": local_today(),
        }
        return TemplateResponse(request, "admin/federation/user/deputies.html", context)

    def dismiss_view(self, request, pk):
        if not self.has_appoint_permission(request):
            raise PermissionDenied
        found = {grant.pk: grant for grant in deputies.deputies_of(request.user)}
        if pk not in found:
            raise Http404
        deputies.dismiss(found[pk])
        messages.success(request, f"{found[pk].user}的代理已经结束。")
        return HttpResponseRedirect(reverse("admin:federation_user_deputies"))


def _chosen(grants: list[Grant], wanted: str | None) -> Grant | None:
    """Return the grant asked for; without a question, the first of them."""
    if wanted is None:
        return next(iter(grants), None)
    return next((grant for grant in grants if str(grant.pk) == wanted), None)
