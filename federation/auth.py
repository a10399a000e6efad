"""The one authentication backend: passwords from Django, rights from grants."""

from django.contrib.auth.backends import ModelBackend

from federation.roles import permissions_of
from federation.scope import grants_in_force, holds, is_scoped, scope_path


class ScopeBackend(ModelBackend):
    """Answers ``has_perm(permission, row)`` with the place of the row in mind."""

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous:
            return set()
        granted = {permissions_of(role) for _, role in grants_in_force(user_obj)}
        held = set().union(*granted)
        if obj is None:
            return held
        return {perm for perm in held if self.has_perm(user_obj, perm, obj)}

    def has_perm(self, user_obj, perm, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if obj is None or not is_scoped(type(obj)):
            return holds(user_obj, perm)
        path = scope_path(obj)
        # A row without a branch belongs to nobody yet: only the place decides.
        return path is not None and holds(user_obj, perm, path)

    def has_module_perms(self, user_obj, app_label):
        prefix = f"{app_label}."
        return any(p.startswith(prefix) for p in self.get_all_permissions(user_obj))

    def get_user_permissions(self, user_obj, obj=None):
        return self.get_all_permissions(user_obj, obj)

    def get_group_permissions(self, user_obj, obj=None):
        return set()

    def with_perm(self, *args, **kwargs):
        raise NotImplementedError("rights are dated grants; ask federation.scope")
