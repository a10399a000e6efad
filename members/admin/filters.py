"""Filters of the register's lists."""

from django.db.models import Q
from unfold.contrib.filters.admin import DropdownFilter

from federation.months import Month, local_today
from members.models import Post, Term
from members.models.choices import BEFORE_ELECTION


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


class DueFilter(DropdownFilter):
    """Terms that are over, or will be within some months."""

    title = "届满"
    parameter_name = "due"
    all_option = ["", "全部"]
    MONTHS = {"3": "三个月内届满", "6": "半年内届满", "12": "一年内届满"}

    def lookups(self, request, model_admin):
        return [("overdue", "已超期"), *self.MONTHS.items(), ("planned", "换届筹备中")]

    def queryset(self, request, queryset):
        today, chosen = local_today(), self.value()
        if chosen == "planned":
            return queryset.filter(status__in=BEFORE_ELECTION)
        if chosen == "overdue":
            overdue = Term.objects.running(today).filter(due_on__lt=today)
            return queryset.filter(pk__in=overdue.values("pk"))
        if chosen in self.MONTHS:
            by = Month.of(today).plus(int(chosen)).last_day
            due = Term.objects.due_by(today, by=by).filter(due_on__gte=today)
            return queryset.filter(pk__in=due.values("pk"))
        return queryset


class HolderFilter(DropdownFilter):
    """Honours of people of the register, of branches, or of others."""

    title = "获奖者"
    parameter_name = "holder"
    all_option = ["", "全部"]
    CHOICES = {
        "member": ("名册里的人", Q(member__isnull=False)),
        "branch": ("妇联组织", Q(is_of_branch=True)),
        "other": ("其他", ~Q(holder_name="")),
    }

    def lookups(self, request, model_admin):
        return [(value, label) for value, (label, _) in self.CHOICES.items()]

    def queryset(self, request, queryset):
        chosen = self.CHOICES.get(self.value())
        return queryset.filter(chosen[1]) if chosen else queryset
