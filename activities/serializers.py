"""Activities as the API says and takes them: a public whitelist, and the staff's."""

from copy import copy

from django.db import transaction
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities import review
from activities.models import Activity, ActivityPartner, ActivityPhoto
from activities.models.choices import Audience, Review
from federation.models import Branch, Programme
from federation.scoped_api import (
    BranchScopedSerializerMixin,
    ReadOnlySerializerMixin,
    ScopedSlugField,
)

# Everything the public reads of an activity through the API: nothing else is sent.
PUBLIC_FIELDS = (
    "id",
    "url",
    "title",
    "branch",
    "branch_name",
    "programme",
    "programme_name",
    "kind",
    "kind_name",
    "format",
    "starts_on",
    "ends_on",
    "starts_at",
    "ends_at",
    "place",
    "audience",
    "lecturer",
    "summary",
    "happening",
    "partners",
    "photos",
)
STAFF_FIELDS = (
    *PUBLIC_FIELDS,
    "visibility",
    "attendance_offline",
    "attendance_online",
    "children_count",
    "view_count",
    "count_method",
    "review",
    "returned_reason",
    "proposal",
    "recorded_by",
    "recorded_at",
    "updated_at",
    "approved_at",
    "result_approved_at",
    "client_token",
)


class AudienceField(serializers.ListField):
    """A list of codes; the record keeps them in one text."""

    child = serializers.ChoiceField(choices=Audience.choices)

    def to_representation(self, value):
        return super().to_representation([c for c in value.split(",") if c])

    def to_internal_value(self, data):
        return ",".join(dict.fromkeys(super().to_internal_value(data)))


class PartnerSerializer(BranchScopedSerializerMixin, serializers.ModelSerializer):
    """A partner may be any branch: names are public, and it gives no right."""

    branch = serializers.SlugRelatedField(
        "code",
        queryset=Branch.objects.all(),
        allow_null=True,
        required=False,
        label="妇联组织编码",
        error_messages={"does_not_exist": "没有找到合作的妇联组织，请核对编码。"},
    )
    branch_name = serializers.CharField(
        source="branch.name", read_only=True, default="", label="组织名称"
    )

    class Meta:
        model = ActivityPartner
        fields = ["branch", "branch_name", "organisation", "role"]


class PhotoSerializer(ReadOnlySerializerMixin, serializers.ModelSerializer):
    url = serializers.SerializerMethodField(label="地址")

    class Meta:
        model = ActivityPhoto
        fields = ["url", "caption"]

    def get_url(self, photo) -> str:
        address = reverse("activities:photo", args=[photo.key])
        return self.context["request"].build_absolute_uri(address)


class ActivityFields(serializers.ModelSerializer):
    """How the public's fields are said, to whomever."""

    url = serializers.SerializerMethodField(label="页面地址")
    branch = serializers.SlugRelatedField("code", read_only=True)
    branch_name = serializers.CharField(source="branch.name", read_only=True)
    programme = serializers.SlugRelatedField("slug", read_only=True)
    programme_name = serializers.CharField(source="programme.name", read_only=True)
    kind_name = serializers.CharField(source="get_kind_display", read_only=True)
    audience = AudienceField(label="面向人群", required=False)
    partners = PartnerSerializer(many=True, read_only=True)
    photos = PhotoSerializer(many=True, read_only=True)

    def get_url(self, activity) -> str:
        address = activity.get_absolute_url()
        return self.context["request"].build_absolute_uri(address)


class PublicActivitySerializer(ReadOnlySerializerMixin, ActivityFields):
    """一场公开的活动。"""

    class Meta:
        model = Activity
        fields = PUBLIC_FIELDS


class StaffActivitySerializer(BranchScopedSerializerMixin, ActivityFields):
    """一条活动记录，工作人员看到的。已通过的活动，各字段是通过时的值；
    还没有通过的改动在 `proposal` 里。"""

    branch = ScopedSlugField(
        "code",
        queryset=Branch.objects.all(),
        label="主办妇联编码",
        error_messages={
            "does_not_exist": "您的授权范围内没有这个妇联组织，请核对编码。"
        },
    )
    programme = serializers.SlugRelatedField(
        "slug",
        queryset=Programme.objects.selectable(),
        label="项目标识",
        error_messages={"does_not_exist": "没有找到这个项目，请核对标识。"},
    )
    partners = PartnerSerializer(many=True, required=False, label="合作单位")
    returned_reason = serializers.SerializerMethodField(label="退回理由")
    proposal = serializers.SerializerMethodField(label="待审改动")
    recorded_by = serializers.StringRelatedField(label="录入人")

    class Meta:
        model = Activity
        fields = STAFF_FIELDS
        read_only_fields = ["review", "approved_at", "result_approved_at"]

    def get_returned_reason(self, activity) -> str:
        return activity.last_reason or "" if activity.review == Review.RETURNED else ""

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_proposal(self, activity):
        """Return {field: value} of what waits to be decided, in the API's words."""
        if not activity.proposal:
            return None
        proposed = review.working_copy(copy(activity))
        changed = review.changed_fields(review.values_of(activity), activity.proposal)
        return {name: self._value_of(name, proposed) for name in changed}

    def _value_of(self, name: str, activity):
        value = self.fields[name].get_attribute(activity)
        return None if value is None else self.fields[name].to_representation(value)

    def validate(self, attrs):
        one_day = self.instance and self.instance.starts_on == self.instance.ends_on
        if one_day and "starts_on" in attrs:
            # Whoever moves a one-day activity need not say its day twice.
            attrs.setdefault("ends_on", attrs["starts_on"])
        return super().validate(attrs)

    def validate_partners(self, partners):
        user = self.context["request"].user
        if self.instance and not review.may_change_partners(user, self.instance):
            raise serializers.ValidationError(
                "活动已通过，合作单位会立即公开，请由审核员修改。"
            )
        keys = [(p.get("branch"), p.get("organisation"), p["role"]) for p in partners]
        if len(set(keys)) < len(keys):
            raise serializers.ValidationError("同一个合作单位填了两次，请删去一个。")
        return partners

    def create(self, validated):
        return self._save(Activity(), validated)

    def update(self, activity, validated):
        # The token is the first form's; a later change does not rename it.
        validated.pop("client_token", None)
        return self._save(activity, validated)

    @transaction.atomic
    def _save(self, activity, validated):
        partners = validated.pop("partners", None)
        for name, value in validated.items():
            setattr(activity, name, value)
        review.save(activity, self.context["request"].user)
        if partners is not None:
            activity.partners.all().delete()
            for values in partners:
                partner = ActivityPartner(activity=activity, **values)
                partner.full_clean()
                partner.save()
        return activity
