"""From whom a branch took over, and who took over from it, each with its own figures,
as they were: history stays with whoever made it (原属)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

from federation.models import Branch, Succession
from federation.months import Month

VIEW = "rollups.view_rollup"
Act = Succession.Act
WORDS = {Act.MERGE: "并入", Act.SPLIT: "分设", Act.TRANSFER: "划转"}


@dataclass(frozen=True, slots=True)
class Line:
    """``原属：官庄村妇联（2025-03 并入）``; *url* leads to the other's figures, and is
    empty where the reader may not see them."""

    label: str
    name: str
    what: str
    url: str = ""


def history_of(branch: Branch, user) -> list[Line]:
    """Return what the acts mean for *branch*, oldest first; nothing for whoever may not
    see its figures."""
    seen = Branch.objects.visible_to(user, VIEW)
    acts = Succession.objects.filter(
        Q(successors=branch) | Q(branch=branch), act__in=WORDS
    )
    acts = acts.select_related("branch", "old_parent").prefetch_related("successors")
    acts = list(acts.distinct().order_by("effective_on", "pk"))
    if not acts or not seen.filter(pk=branch.pk).exists():
        return []
    others = {act.branch_id for act in acts}
    others |= {heir.pk for act in acts for heir in act.successors.all()}
    visible = set(seen.filter(pk__in=others).values_list("pk", flat=True))
    return [line for act in acts for line in _lines(act, branch, visible)]


def _lines(act: Succession, branch: Branch, visible: set[int]) -> Iterator[Line]:
    month = Month.of(act.effective_on)
    what = f"{month} {WORDS[act.act]}"
    if act.act == Act.TRANSFER:
        yield Line("原属", act.old_parent.name, what)
    elif act.branch_id != branch.pk:
        # The year in which it was still there.
        asked = {"from": month.plus(-12), "to": month.previous()}
        yield Line("原属", act.branch.name, what, _url(act.branch, visible, asked))
    else:
        label = "并入" if act.act == Act.MERGE else "分出"
        for heir in act.successors.all():
            yield Line(label, heir.name, str(month), _url(heir, visible))


def _url(branch: Branch, visible: set[int], asked: dict | None = None) -> str:
    if branch.pk not in visible:
        return ""
    query = urlencode({"branch": branch.code, **(asked or {})})
    return f"{reverse('rollups:table')}?{query}"
