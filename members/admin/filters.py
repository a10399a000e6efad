"""Filters of the register's lists."""

from unfold.contrib.filters.admin import DropdownFilter

from federation.months import local_today
from members.models import Post


class InPostFilter(DropdownFilter):
    """People who hold a post today, unless asked otherwise."""

    title = "任职情况"
    parameter_name = "in_post"
    all_option = ["", "全部"]

    def __init__(self, request, params, model, model_admin):
        self.of_posts = model is Post
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return [("yes", "在任"), ("no", "不在任")]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        posts = Post.objects.in_post(local_today())
        chosen = posts.values("pk" if self.of_posts else "member")
        if self.value() == "yes":
            return queryset.filter(pk__in=chosen)
        return queryset.exclude(pk__in=chosen)
