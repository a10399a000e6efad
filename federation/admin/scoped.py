"""The scope, worn by the admin: one mixin for ModelAdmin and inlines.

Django's own admin drops the object when it asks for a permission and offers every row
of a foreign key; both are closed here, once.
"""

import re

from django.db.models import ForeignKey, ManyToManyField
from unfold.admin import ModelAdmin, TabularInline

from federation.admin.autocomplete import ANY, ScopedSelect
from federation.admin.typed import KeepsTypedMixin
from federation.models import Branch
from federation.scope import is_scoped, visible_choices

# A key too long for any database; the character that PostgreSQL refuses.
_INCOMPARABLE = re.compile(r"\d{19}|\x00")


class BranchScopedAdminMixin:
    """Shows, offers and accepts only rows in branches the user holds the permission
    for."""

    # Fields that may name any branch that exists: a partner gains no right by it.
    any_branch_fields: tuple[str, ...] = ()

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if is_scoped(self.model):
            queryset = queryset.visible_to(request.user)
        return queryset

    def _allowed(self, request, verb, obj):
        permission = f"{self.opts.app_label}.{verb}_{self.opts.model_name}"
        if isinstance(obj, int | str):
            # Unfold asks for its actions with the key alone.
            obj = self.get_queryset(request).filter(pk=obj).first()
            if obj is None:
                return False
        if obj is not None and not isinstance(obj, self.model):
            obj = None  # an inline is asked about its parent
        return request.user.has_perm(permission, obj)

    def has_view_permission(self, request, obj=None):
        return self._allowed(request, "view", obj) or self._allowed(
            request, "change", obj
        )

    def has_add_permission(self, request, obj=None):
        return self._allowed(request, "add", None)

    def has_change_permission(self, request, obj=None):
        return self._allowed(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self._allowed(request, "delete", obj)

    def verb_for_choices(self, request) -> str:
        """Return the verb of the permission that decides which branches may be chosen:
        those where one may add or change such a row."""
        is_adding = request.resolver_match.url_name.endswith("_add")
        return "add" if is_adding else "change"

    def permission_for_choices(self, request, related_model):
        if related_model is Branch:
            verb = self.verb_for_choices(request)
            return f"{self.opts.app_label}.{verb}_{self.opts.model_name}"
        return None

    def formfield_for_foreignkey(self, db_field: ForeignKey, request, **kwargs):
        self._narrow(db_field, request, kwargs)
        if (
            "widget" not in kwargs
            and db_field.remote_field.model is Branch
            and db_field.name in self.get_autocomplete_fields(request)
        ):
            is_any = db_field.name in self.any_branch_fields
            verb = ANY if is_any else self.verb_for_choices(request)
            kwargs["widget"] = ScopedSelect(db_field, self.admin_site, verb)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request, **kwargs):
        self._narrow(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _narrow(self, db_field, request, kwargs):
        related = db_field.remote_field.model
        if "queryset" in kwargs:
            return
        if db_field.name in self.any_branch_fields:
            kwargs["queryset"] = Branch.objects.public()
        else:
            permission = self.permission_for_choices(request, related)
            kwargs["queryset"] = visible_choices(related, request.user, permission)


class ReadOnlyMixin:
    """To read: such rows are written elsewhere, or by nobody."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class FederationAdmin(KeepsTypedMixin, BranchScopedAdminMixin, ModelAdmin):
    """What every admin page of this site has in common."""

    list_per_page = 50
    warn_unsaved_form = True
    compressed_fields = True
    list_filter_submit = True

    def lookup_allowed(self, lookup, value, request):
        if _INCOMPARABLE.search(str(value)):
            return False
        return super().lookup_allowed(lookup, value, request)


class FederationInline(BranchScopedAdminMixin, TabularInline):
    """Rows of a record; who may change the record may change them, except those that
    belong to a branch where she may not: a person's post in another town."""

    extra = 0

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        parent = f"{self.parent_model._meta.app_label}.change_"
        parent += self.parent_model._meta.model_name
        if not (is_scoped(self.model) and request.user.has_perm(parent, obj)):
            return formset
        change = f"{self.opts.app_label}.change_{self.opts.model_name}"

        class OwnRowsFormSet(formset):
            def __init__(self, *args, queryset, **kwargs):
                queryset = queryset.visible_to(request.user, change)
                super().__init__(*args, queryset=queryset, **kwargs)

        return OwnRowsFormSet

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request)

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request)
