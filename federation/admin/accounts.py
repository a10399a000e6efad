"""Accounts and their grants. A street's reviewer makes the accounts of her villages;
who may touch which account is decided in ``federation.accounts``."""

from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action

from federation.accounts import (
    CODE_LIFE,
    grantable_roles,
    issue_code,
    may_grant,
    may_manage,
)
from federation.admin.deputies import DeputyPages
from federation.admin.scoped import FederationAdmin, FederationInline, ReadOnlyMixin
from federation.models import Grant, User
from federation.months import local_today

NOT_GRANTABLE = "您不能在这个组织授予这个角色，请换一个角色或组织。"


def role_choices(user):
    return [(role.value, role.label) for role in grantable_roles(user)]


class AccountAddForm(forms.ModelForm):
    """A new account comes with its first grant: without one it opens nothing."""

    by: User  # who fills it in

    role = forms.ChoiceField(label="角色", widget=widgets.UnfoldAdminSelectWidget())
    ends_on = forms.DateField(
        label="授权至",
        required=False,
        help_text="最后有效的一天；不填表示长期。",
        widget=forms.DateInput(
            {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)},
            format="%Y-%m-%d",
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(self.by)
        self.fields["branch"].required = True
        self.fields["username"].help_text = "登录用，字母、数字或汉字，建好后不能改。"

    def clean_ends_on(self):
        ends_on = self.cleaned_data["ends_on"]
        if ends_on and ends_on < local_today():
            raise ValidationError("授权的最后一天不能早于今天。")
        return ends_on

    def clean(self):
        answers = super().clean()
        role, branch = answers.get("role"), answers.get("branch")
        if role and branch and not may_grant(self.by, role, branch):
            self.add_error("role", NOT_GRANTABLE)
        return answers


class GrantForm(forms.ModelForm):
    """What was granted stays as it was; one ends it and grants anew."""

    by: User

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        grant = self.instance
        if grant.pk is None:
            self.fields["role"].choices = [("", "请选择"), *role_choices(self.by)]
            return
        is_over = grant.ends_on is not None and grant.ends_on < local_today()
        for name, field in self.fields.items():
            if is_over or name in ("branch", "role", "starts_on"):
                field.disabled = True

    def clean(self):
        answers = super().clean()
        role, branch = answers.get("role"), answers.get("branch")
        is_told = self.has_changed() and role and branch
        if is_told and not may_grant(self.by, role, branch):
            self.add_error("role", NOT_GRANTABLE)
        return answers


class GrantInline(FederationInline):
    model = Grant
    form = GrantForm
    fk_name = "user"
    fields = ["branch", "role", "starts_on", "ends_on", "note"]
    autocomplete_fields = ["branch"]
    ordering = ["starts_on"]

    def get_formset(self, request, obj=None, **kwargs):
        form = type("GrantForm", (self.form,), {"by": request.user})
        return super().get_formset(request, obj, form=form, **kwargs)

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request) and _manages(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request) and _manages(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False


def _manages(request, account) -> bool:
    return isinstance(account, User) and may_manage(request.user, account)


class RoleFilter(DropdownFilter):
    title = "角色"
    parameter_name = "role"
    all_option = ["", "全部"]

    def lookups(self, request, model_admin):
        return Grant._meta.get_field("role").choices

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        held = Grant.objects.in_force().filter(role=self.value())
        return queryset.filter(pk__in=held.values("user"))


@admin.register(User)
class UserAdmin(DeputyPages, FederationAdmin):
    list_display = ["name", "username", "branch", "roles", "is_active", "last_login"]
    list_display_links = ["name", "username"]
    list_select_related = ["branch"]
    list_filter = [RoleFilter, "is_active"]
    search_fields = ["username", "name", "branch__name", "branch__initials"]
    search_help_text = "姓名、用户名，或妇联组织的名称、拼音首字母"
    autocomplete_fields = ["branch"]
    inlines = [GrantInline]
    actions_list = ["see_deputies"]
    actions_detail = ["issue_reset_code"]
    fieldsets = [
        ("账号", {"fields": ["username", "name", "branch", "email", "is_active"]}),
        ("登录", {"fields": ["last_login", "created_at"]}),
    ]
    add_fieldsets = [
        ("新账号", {"fields": ["name", "username", "branch", "role", "ends_on"]})
    ]
    readonly_fields = ["username", "last_login", "created_at"]

    @admin.display(description="现有角色")
    def roles(self, account):
        return "；".join(
            f"{'代理' if grant.stands_in_for_id else ''}{grant.get_role_display()}"
            f"（{grant.branch.short_name}）"
            for grant in account.current_grants
        )

    def get_queryset(self, request):
        grants = Grant.objects.in_force().select_related("branch")
        accounts = super().get_queryset(request)
        if not request.user.is_superuser:
            accounts = accounts.filter(is_superuser=False)
        return accounts.prefetch_related(
            Prefetch("grants", grants, to_attr="current_grants")
        )

    def has_change_permission(self, request, obj=None):
        if not isinstance(obj, User):
            return super().has_change_permission(request)
        return may_manage(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            by = {"by": request.user}
            kwargs["form"] = type("AccountAddForm", (AccountAddForm,), by)
            kwargs["fields"] = ["name", "username", "branch"]
        return super().get_form(request, obj, change, **kwargs)

    def add_view(self, request, form_url="", extra_context=None):
        # What comes next is the code, and nothing else.
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, (extra_context or {}) | buttons)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        Grant.objects.create(
            user=obj,
            branch=obj.branch,
            role=form.cleaned_data["role"],
            ends_on=form.cleaned_data["ends_on"],
            granted_by=request.user,
        )

    def save_formset(self, request, form, formset, change):
        if formset.model is Grant:
            for row in formset.forms:
                if row.instance.pk is None:
                    row.instance.granted_by = request.user
        super().save_formset(request, form, formset, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self._code_page(request, obj, title=f"已为{obj}建立账号")

    @action(description="发放重置码", url_path="code", permissions=["change"])
    def issue_reset_code(self, request, object_id):
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        if not may_manage(request.user, account):
            raise PermissionDenied
        if request.method == "POST":
            return self._code_page(request, account, title=f"已为{account}发放重置码")
        return self._page(request, account, "confirm_code", f"为{account}发放重置码")

    def get_actions_detail(self, request, object_id):
        account = self.get_object(request, object_id)
        if account is None or not may_manage(request.user, account):
            return []
        return super().get_actions_detail(request, object_id)

    def _code_page(self, request, account, title):
        """Answer the code at once and not after a redirect: it is stored nowhere."""
        address = request.build_absolute_uri(reverse("federation:account_reset"))
        response = self._page(
            request,
            account,
            "code",
            title,
            code=issue_code(account, request.user),
            address=f"{address}?{urlencode({'username': account.username})}",
        )
        response["Cache-Control"] = "no-store"
        return response

    def _page(self, request, account, template, title, **context):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "account": account,
            "hours": int(CODE_LIFE.total_seconds() // 3600),
            **context,
        }
        template = f"admin/federation/user/{template}.html"
        return TemplateResponse(request, template, context)


@admin.register(Grant)
class GrantAdmin(ReadOnlyMixin, FederationAdmin):
    """Who has what, to read; grants are made on the account's page."""

    list_display = ["user", "branch", "role", "starts_on", "ends_on", "granted_by"]
    list_select_related = ["user", "branch", "granted_by"]
    list_filter = [("role", ChoicesDropdownFilter)]
    search_fields = ["user__name", "user__username", "branch__name", "branch__initials"]
    search_help_text = "姓名、用户名，或妇联组织的名称、拼音首字母"
    date_hierarchy = "starts_on"
    fields = [
        "user",
        "branch",
        "role",
        "starts_on",
        "ends_on",
        "stands_in_for",
        "granted_by",
        "note",
    ]
