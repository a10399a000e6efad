"""Late and wrong activities of closed months: how they are proposed, told, entered.

The values are the reviewed fields as a round keeps them, and ``partners``.
"""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.urls import reverse

from activities import review
from activities.late_form import form_of
from activities.models import Activity, ActivityPartner
from activities.wording import (
    NOTHING,
    changes_in_words,
    names_in,
    value_in_words,
)
from federation.models import Branch
from rollups import corrections
from rollups.closings import tracing
from rollups.corrections import Difference, Handler, Proposal
from rollups.models import Correction

NAME = "activities.activity"
PARTNERS = "partners"
COUNTS = "result_approved_at"
BROUGHT = ("starts_on", "attendance_offline", "attendance_online", "review")
GONE = "这条活动已经删除，不能再更正。"
CHANGED = (
    "这条活动在报更正以后又改动过（{}），不能照原样入账。"
    "请填报人撤回，按现在的内容重新填报。"
)
ENTERED_ALREADY = "同一张表已经登记成一条活动，不用再入账。请填报人撤回这条补录。"

Act = Correction.Act


def proposed(typed: Activity, partners: list[dict]) -> Proposal | None:
    """
    Return what *typed*, sound but for its months, and *partners* would change; None if
    every month it touches is open to it.

    *partners* are ``{"branch": key or None, "organisation": text, "role": code}``.
    """
    stored = Activity.objects.filter(pk=typed.pk).first() if typed.pk else None
    month = corrections.closed_month(
        Activity.buckets_of_rows([row for row in (stored, typed) if row])
    )
    if month is None:
        return None
    return Proposal(
        record=NAME,
        # What was never approved is missing in the figures, not wrong in them.
        act=Act.CHANGE if stored and stored.approved_at else Act.ADD,
        branch=typed.branch,
        month=month,
        title=typed.title,
        before=_values_of(stored) if stored else {},
        values=review.values_of(typed) | {PARTNERS: partners},
        object_id=typed.pk,
    )


def withdrawn(activity: Activity) -> Proposal | None:
    """Return what taking back *activity* would change; None if its month is open."""
    month = corrections.closed_month(Activity.buckets_of_rows([activity]))
    if month is None:
        return None
    values = _values_of(activity)
    return Proposal(
        NAME,
        Act.WITHDRAW,
        activity.branch,
        month,
        activity.title,
        values,
        values,
        activity.pk,
    )


def partners_of(activity: Activity) -> list[dict]:
    rows = activity.partners.order_by("pk")
    return list(rows.values("branch", "organisation", "role"))


def _values_of(activity: Activity) -> dict:
    return review.values_of(activity) | {PARTNERS: partners_of(activity)}


def _differences(correction: Correction) -> list[Difference]:
    if correction.act == Act.WITHDRAW:
        return [Difference("审核状态", "通过，计入汇总", "撤回，不再计入")]
    # What was not counted until now says everything anew.
    before = correction.before if correction.act == Act.CHANGE else {}
    old = review.apply_values(Activity(), before)
    new = review.apply_values(Activity(), correction.values)
    found = [
        Difference(
            str(Activity._meta.get_field(name).verbose_name),
            value_in_words(old, name) if before else "",
            value_in_words(new, name),
        )
        for name in _names_told(before, correction.values)
    ]
    partners = [
        _partners_in_words(values.get(PARTNERS, []))
        for values in (before, correction.values)
    ]
    if partners[0] != partners[1]:
        found.append(Difference("合作单位", *partners))
    return [said for said in found if said.old or said.new not in ("", NOTHING)]


def _names_told(before: dict, values: dict) -> list[str]:
    """Return the fields to tell: the last day of one that lasts one day is its day."""
    names = review.changed_fields(before, values)
    is_one_day = values["ends_on"] == values["starts_on"]
    return [name for name in names if not (is_one_day and name == "ends_on")]


def _partners_in_words(partners: list[dict]) -> str:
    keys = [partner["branch"] for partner in partners if partner["branch"]]
    names = dict(Branch.objects.filter(pk__in=keys).values_list("pk", "name"))
    roles = dict(ActivityPartner._meta.get_field("role").choices)
    return "、".join(
        f"{names.get(partner['branch']) or partner['organisation']}"
        f"（{roles.get(partner['role'], '')}）"
        for partner in partners
    )


def _enter(correction: Correction) -> int:
    people = {
        "author": correction.author,
        # The street's own records are looked over and released by the district.
        "reviewer": correction.street_by or correction.district_by,
        "releaser": correction.district_by,
        "reason": f"{correction.get_act_display()}：{correction.reason}"[:200],
    }
    if correction.object_id is None:
        if Activity.objects.filter(client_token=correction.token).exists():
            raise ValidationError(ENTERED_ALREADY)
        activity = Activity(
            client_token=correction.token, recorded_by=correction.author
        )
        changed = set(correction.values)
    else:
        activity = _unchanged(correction)
        if correction.act == Act.WITHDRAW:
            review.take_back(activity, **people)
            return activity.pk
        changed = set(correction.values)
        if correction.act == Act.CHANGE:
            changed = set(review.changed_fields(correction.before, correction.values))
    values = {
        name: value for name, value in correction.values.items() if name in changed
    }
    try:
        review.enter(activity, values, **people)
    except ObjectDoesNotExist:
        raise ValidationError("项目或主办妇联已经不在了，请重新填报。") from None
    partners = correction.values.get(PARTNERS, [])
    if partners != correction.before.get(PARTNERS, []):
        _write_partners(activity, partners)
    return activity.pk


def _unchanged(correction: Correction) -> Activity:
    """Return the record, locked, if in what the correction changes it still says what
    it said when that was made."""
    stored = Activity.objects.filter(pk=correction.object_id).first()
    if stored is None:
        raise ValidationError(GONE)
    stored = review.locked(stored)
    now, before = _values_of(stored), correction.before
    wanted = Activity.REVIEWED_FIELDS
    if correction.act == Act.CHANGE:
        wanted = review.changed_fields(before, correction.values)
    if correction.act != Act.ADD and stored.approved_at is None:
        raise ValidationError("这条活动已经撤回，不能再更正。")
    if correction.act == Act.ADD and stored.approved_at is not None:
        raise ValidationError("这条活动已经通过了，不用再入账。请填报人撤回这条补录。")
    others = [name for name in wanted if now[name] != before.get(name)]
    if others:
        labels = [str(Activity._meta.get_field(name).verbose_name) for name in others]
        raise ValidationError(CHANGED.format("、".join(labels[:3])))
    return stored


def _write_partners(activity: Activity, partners: list[dict]) -> None:
    activity.partners.all().delete()
    for values in partners:
        partner = ActivityPartner(
            activity=activity,
            branch_id=values["branch"],
            organisation=values["organisation"],
            role=values["role"],
        )
        partner.full_clean(exclude=["activity"])
        partner.save()


def _address(pk: int) -> str:
    return reverse("admin:activities_activity_change", args=[pk])


corrections.register(
    Handler(
        name=NAME,
        label="活动",
        differences=_differences,
        enter=_enter,
        address=_address,
        form=form_of,
    )
)


def _logged(changes: list[dict]) -> list[list[Difference]]:
    # Of a new record, what it brings: the rest stands on its page.
    changes = [_brought(one) if _is_new(one) else one for one in changes]
    names = names_in(changes)
    return [_logged_of(one, names) for one in changes]


def _is_new(changes: dict) -> bool:
    return changes.get("title", [""])[0] == "None"


def _brought(changes: dict) -> dict:
    return {name: changes[name] for name in BROUGHT if name in changes}


def _logged_of(one: dict, names: dict) -> list[Difference]:
    told = [
        Difference(str(said["label"]), said["old"], said["new"])
        for said in changes_in_words(one, names)
    ]
    if COUNTS in one:  # what makes it count
        counts = ["否" if value == "None" else "是" for value in one[COUNTS]]
        if counts[0] != counts[1]:
            told.append(Difference("计入汇总", *counts))
    return told


tracing.register(
    tracing.Trace(
        model=Activity,
        record=NAME,
        records=lambda month: Activity.objects.held_in(month),
        days=("starts_on",),
        in_words=_logged,
        address=_address,
    )
)
