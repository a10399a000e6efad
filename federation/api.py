"""Branches and programmes for everybody: names and places, nothing else."""

import django_filters
from rest_framework import serializers, viewsets

from federation.models import Branch, Programme
from federation.scoped_api import PublicViewSetMixin, ReadOnlySerializerMixin


class BranchFilter(django_filters.FilterSet):
    """Narrow branches by level, kind, parent, the branch above, and words."""

    level = django_filters.ChoiceFilter(label="层级", choices=Branch.Level.choices)
    kind = django_filters.ChoiceFilter(label="类别", choices=Branch.Kind.choices)
    parent = django_filters.CharFilter(
        label="直接上级的编码", field_name="parent__code", max_length=32
    )
    within = django_filters.CharFilter(
        label="这个编码的组织及其下级", method="filter_within", max_length=32
    )
    q = django_filters.CharFilter(
        label="名称、编码或拼音首字母", method="filter_words", max_length=50
    )

    class Meta:
        model = Branch
        fields = ["level", "kind", "parent", "within", "q"]

    def filter_within(self, queryset, name, code):
        branch = Branch.objects.filter(code=code).first()
        return queryset.within(branch) if branch else queryset.none()

    def filter_words(self, queryset, name, words):
        return queryset.matching(words)


class BranchSerializer(ReadOnlySerializerMixin, serializers.ModelSerializer):
    parent = serializers.SlugRelatedField(
        "code", read_only=True, allow_null=True, label="上级妇联的编码"
    )

    class Meta:
        model = Branch
        fields = ["code", "name", "short_name", "kind", "level", "parent", "founded_on"]


class BranchViewSet(PublicViewSetMixin, viewsets.ReadOnlyModelViewSet):
    """现存的妇联组织，按组织树的次序。"""

    queryset = Branch.objects.select_related("parent")
    serializer_class = BranchSerializer
    filterset_class = BranchFilter
    lookup_field = "code"
    lookup_value_regex = "[0-9]+(?:U[0-9]{3})?"


class ProgrammeFilter(django_filters.FilterSet):
    """Narrow programmes by chapter, and by whether new activities may use them."""

    chapter = django_filters.CharFilter(
        label="板块", field_name="chapter__slug", max_length=64
    )
    is_active = django_filters.BooleanFilter(label="可选用")

    class Meta:
        model = Programme
        fields = ["chapter", "is_active"]


class ProgrammeSerializer(ReadOnlySerializerMixin, serializers.ModelSerializer):
    chapter = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    chapter_name = serializers.CharField(
        source="chapter.name", read_only=True, default="", label="板块名称"
    )
    parent = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)

    class Meta:
        model = Programme
        fields = ["slug", "name", "chapter", "chapter_name", "parent", "is_active"]


class ProgrammeViewSet(PublicViewSetMixin, viewsets.ReadOnlyModelViewSet):
    """项目与行动；`is_active` 为否的不再选用，旧活动仍属于它。"""

    queryset = Programme.objects.select_related("chapter", "parent")
    serializer_class = ProgrammeSerializer
    filterset_class = ProgrammeFilter
    lookup_field = "slug"


def register(router) -> None:
    router.register("branches", BranchViewSet, "branch")
    router.register("programmes", ProgrammeViewSet, "programme")
