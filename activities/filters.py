"""One set of filters for the calendar, its feed and the API."""

from functools import reduce
from operator import and_

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q
from django_filters.fields import ModelChoiceField

from activities.models import Activity
from federation.models import Branch, Programme

MOST_WORDS = 5


class CodeField(ModelChoiceField):
    """A choice by code. PostgreSQL fails on a NUL byte where SQLite finds nothing."""

    def to_python(self, value):
        if isinstance(value, str) and "\x00" in value:
            raise self.error("invalid_choice", value)
        return super().to_python(value)

    def error(self, code, value):
        return ValidationError(self.error_messages[code], code, {"value": value})


class CodeFilter(django_filters.ModelChoiceFilter):
    field_class = CodeField


class ActivityFilter(django_filters.FilterSet):
    """Narrow activities by branch (with all below), programme (with its children),
    kind and words. A value that does not exist is an error of its field; pages leave
    that filter out and say so, the API refuses."""

    branch = CodeFilter(
        label="主办妇联",
        queryset=Branch.objects.all(),
        to_field_name="code",
        method="filter_branch",
        empty_label="全部组织",
        error_messages={"invalid_choice": "没有找到这个妇联组织，已显示全部组织。"},
    )
    programme = CodeFilter(
        label="项目",
        queryset=Programme.objects.select_related("chapter"),
        to_field_name="slug",
        method="filter_programme",
        empty_label="全部项目",
        error_messages={"invalid_choice": "没有找到这个项目，已显示全部项目。"},
    )
    kind = django_filters.ChoiceFilter(
        label="类型",
        choices=Activity.Kind.choices,
        empty_label="全部类型",
        error_messages={"invalid_choice": "没有这个活动类型，已显示全部类型。"},
    )
    q = django_filters.CharFilter(
        label="关键词", method="filter_words", max_length=50, strip=True
    )

    class Meta:
        model = Activity
        fields = ["branch", "programme", "kind", "q"]

    def filter_branch(self, queryset, name, branch):
        return queryset.within(branch)

    def filter_programme(self, queryset, name, programme):
        below = Programme.objects.with_children(programme.slug)
        return queryset.filter(programme__in=below)

    def filter_words(self, queryset, name, text):
        """Each word must occur in the title, the place, the lecturer or the branch."""
        words = text.split()[:MOST_WORDS]
        conditions = (
            Q(title__icontains=word)
            | Q(place__icontains=word)
            | Q(lecturer__icontains=word)
            | Q(branch__name__icontains=word)
            for word in words
        )
        return queryset.filter(reduce(and_, conditions, Q()))

    def chosen(self, name: str):
        """Return the valid value of filter *name*, or None."""
        self.form.is_valid()
        return self.form.cleaned_data.get(name) or None

    def complaints(self) -> list[str]:
        """Return a sentence for each filter that was left out as invalid."""
        return [sentence for field in self.errors.values() for sentence in field]
