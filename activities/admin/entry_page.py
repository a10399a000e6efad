"""What the form's page says around its fields: the state of the record, what waits,
what may be done, and in one line each what is folded away."""

import uuid
from copy import copy
from itertools import groupby

from activities import review
from activities.admin.photo_pages import photo_card
from activities.doubts import doubts_of
from activities.forms import ActivityForm
from activities.habits import Habits
from activities.models import Activity
from activities.models.choices import Review
from activities.models.photos import MOST_PHOTOS
from activities.wording import value_in_words
from federation.models import Programme

# What is folded away, in the order of the paper form.
SECTIONS = (
    ("kind", "类型与时间", ("kind", "format", "starts_at", "ends_at", "ends_on")),
    ("content", "人群与内容", ("audience", "lecturer", "summary")),
    ("figures", "人次细目", ("children_count", "view_count", "count_method")),
    ("publicity", "主办与公开", ("branch", "visibility", "happening")),
)
HINTS = {
    "kind": ("kind", "format", "starts_at"),
    "content": ("audience", "lecturer"),
    "figures": ("children_count", "count_method"),
    "publicity": ("branch", "visibility", "happening"),
}


def entry_page(request, form: ActivityForm, activity: Activity | None, **page) -> dict:
    """Return the context of the page around *form*; *activity* is the stored record."""
    return {
        **programme_chips(form, page["habits"]),
        "places": page["habits"].places,
        "sections": [section(form, *parts) for parts in SECTIONS],
        **(record(request, activity) if activity else {}),
        **buttons(request, activity, page["may_save"]),
    }


def programme_chips(form: ActivityForm, habits: Habits) -> dict:
    """Return the programmes as chips: the last used first, the others by chapter."""
    programmes = list(form.fields["programme"].queryset)
    by_pk = {programme.pk: programme for programme in programmes}
    chosen = str(form["programme"].value() or "")
    offered = [by_pk[pk] for pk in habits.programmes if pk in by_pk]
    if not offered:
        offered = [p for p in programmes if p.slug == Programme.EVERYDAY]
    offered += [p for p in programmes if str(p.pk) == chosen and p not in offered]
    others = [p for p in programmes if p not in offered]
    for programme in programmes:
        programme.is_chosen = str(programme.pk) == chosen
        programme.usual_kind = habits.kinds.get(programme.pk, "")
    return {
        "chips": offered,
        "other_chips": [
            (chapter.name if chapter else "其他", list(of_chapter))
            for chapter, of_chapter in groupby(others, key=lambda p: p.chapter)
        ],
    }


def section(form: ActivityForm, name: str, title: str, fields: tuple) -> dict:
    return {
        "name": name,
        "title": title,
        "fields": [form[field] for field in fields],
        "hint": " · ".join(filter(None, (shown(form[f]) for f in HINTS[name]))),
        # A refusal that is folded away would be no refusal for her.
        "is_open": any(form[field].errors for field in fields),
    }


def shown(field) -> str:
    """Return the value of *field* as one reads it on the folded line."""
    value = field.value()
    if value in (None, "", []):
        return ""
    choices = getattr(field.field, "choices", None)
    if field.name == "branch":
        branch = field.field.queryset.filter(pk=value).first()
        return str(branch or "")
    if choices is not None:
        labels = {str(code): str(label) for code, label in choices}
        codes = value if isinstance(value, list) else [value]
        return "、".join(labels.get(str(code), "") for code in codes)
    if field.name == "children_count":
        return f"儿童 {value}"
    return field.field.widget.format_value(value) or ""


def record(request, activity: Activity) -> dict:
    """Return what is told of a record that exists."""
    rounds = activity.rounds.select_related(
        "author__branch", "reviewer", "releaser", "stood_in_for"
    )
    rounds = list(rounds.order_by("-pk"))
    pending = next((r for r in rounds if r.decision == r.Decision.PENDING), None)
    photos = list(activity.photos.all())
    returned = [r for r in rounds if r.decision == r.Decision.RETURNED]
    return {
        "record": activity,
        "rounds": rounds,
        "pending": pending,
        "returned": activity.review == Review.RETURNED and next(iter(returned), None),
        "waiting_photos": sum(photo.approved_at is None for photo in photos),
        "differences": differences(activity),
        "doubts": doubts_of([activity]).get(activity.pk, []),
        "photo_cards": [photo_card(request, activity, photo) for photo in photos],
        "photo_key": uuid.uuid4(),
        "photos_left": max(MOST_PHOTOS - len(photos), 0),
        "photos_open": "saved" in request.GET,
    }


def buttons(request, activity: Activity | None, may_save: bool) -> dict:
    """Return which buttons the page has."""
    user = request.user
    if activity is None:
        return {"may_save": True, "may_submit": True}
    decides = review.may_decide(user, activity)
    waits = activity.review == Review.SUBMITTED
    takes_effect = decides and activity.approved_at and not activity.proposal
    return {
        "may_save": may_save,
        "may_decide": decides and waits,
        "takes_effect": bool(takes_effect and not waits),
        "may_submit": may_save and not (decides and waits) and not takes_effect,
        "may_withdraw": (
            activity.review not in (Review.DRAFT, Review.WITHDRAWN)
            and review.may_withdraw(user, activity)
        ),
        "may_discard": review.may_discard(user, activity),
        "may_change_partners": review.may_change_partners(user, activity),
        "may_repeat": may_save and user.has_perm("activities.add_series", activity),
        "may_change_photos": may_save,
        "may_review": user.has_perm(review.REVIEW, activity),
        "is_own": review.is_own(user, activity),
        "reasons": review.RETURN_REASONS,
        "seen": review.seen_mark(activity),
    }


def differences(activity: Activity) -> list[dict]:
    """Return what waits beside the approved values, in the order of the form."""
    if not activity.proposal:
        return []
    proposed = review.working_copy(copy(activity))
    names = review.changed_fields(review.values_of(activity), activity.proposal)
    return [
        {
            "label": activity._meta.get_field(name).verbose_name,
            "old": value_in_words(activity, name),
            "new": value_in_words(proposed, name),
        }
        for name in names
    ]
