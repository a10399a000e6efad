"""What the staff's first page says of 出彩人家: what waits for her, and what is due."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from families import recognition
from families.board import OF_THOSE_BELOW
from families.models import Batch, Recognition
from families.models.choices import Act
from families.recognition.after import REVOKE
from families.recognition.deciding import GRANT
from federation.months import local_today
from federation.panels import panel
from federation.scope import granted_paths

LIST = "admin:families_recognition_changelist"
# Who may decide everything is shown what only she decides.
WAITING = {
    Act.ASSESS: "待村初评",
    Act.REVIEW: "待街道复核",
    Act.PUBLISH: "待公示",
    Act.GRANT: "待区认定",
}


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    count: int
    address: str


@panel("staff", "families", "admin/families/_panel_staff.html", position=30)
def to_decide(request) -> dict | None:
    """Show what stands before her step, and what is due; nothing if there is none."""
    if not request.user.has_perm("families.view_recognition"):
        return None
    found = [*_standing(request.user), *_proposed(request.user)]
    lines = [line for line in found if line.count]
    return {"lines": lines, "today": reverse("families:today")} if lines else None


def _standing(user) -> Iterable[Line]:
    """Yield what waits for her step and what is due, by one reading."""
    may_grant = bool(granted_paths(user, GRANT))
    counted = Recognition.objects.visible_to(user).to_see_to(local_today())
    for act, stride in recognition.STRIDES.items():
        if granted_paths(user, stride.right) and not (
            may_grant and act in OF_THOSE_BELOW
        ):
            count, query = (
                counted.get(stride.before, 0),
                f"?stage__exact={stride.before}",
            )
            yield Line(WAITING[act], count, reverse(LIST) + query)
    if granted_paths(user, REVOKE):
        yield Line("复核到期", counted.get("due", 0), f"{reverse(LIST)}?todo=due")
        overdue = counted.get("overdue", 0)
        yield Line("整改到期", overdue, f"{reverse(LIST)}?todo=overdue")


def _proposed(user):
    """Say how many villages could apply, while a batch takes them."""
    if not granted_paths(user, REVOKE):
        return
    batches = Batch.objects.taking_part(user).taking_villages(local_today())
    batch = batches.first()
    if batch is not None:
        found = recognition.proposals(user, local_today())
        page = reverse("admin:families_batch_apply", args=[batch.pk])
        yield Line("可申报的村（社区）", len(found), page)
