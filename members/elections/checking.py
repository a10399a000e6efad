"""What stands against confirming an election, and what is only to be looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q

from federation.models import Branch
from federation.months import local_today
from members import post_rules
from members.elections.plan import Plan, TermPlan
from members.models import Candidate, Member, Post, Term
from members.models.choices import ConcurrentOffice

# What is asked of a street's chair: a woman among the leaders of its party or office.
FIT_FOR_TOWN_CHAIR = (
    ConcurrentOffice.PARTY_GOVERNMENT_DEPUTY,
    ConcurrentOffice.DEPUTY_RANK,
)


class Problem(NamedTuple):
    """One sentence about a term; an error refuses the confirmation, a warning does
    not."""

    term: Term
    sentence: str
    is_error: bool = True


def check(plan: Plan) -> list[Problem]:
    """Return what is wrong with *plan*, errors first, each in the order of the tree;
    in a fixed number of queries."""
    found = [problem for part in plan.parts for problem in _of_term(part)]
    found += _out_of_order(plan)
    found += _refused_posts(plan)
    found += _known_people(plan)
    place = {part.term.pk: number for number, part in enumerate(plan.parts)}
    return sorted(found, key=lambda one: (not one.is_error, place[one.term.pk]))


def errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.is_error]


def _of_term(part: TermPlan) -> Iterator[Problem]:
    yield from _of_day(part.term)
    yield from _of_seats(part)
    yield from _of_chair(part)
    yield from _of_voters(part.term)
    yield from _of_people(part)
    for post in part.stranded:
        yield Problem(
            part.term,
            f"{post.member.name}的任职从 {post.started_on} 开始，却登记在"
            f"第 {post.term.number} 届；请先改正她的任职日期或届次。",
        )


def _of_day(term: Term) -> Iterator[Problem]:
    if term.elected_on is None:
        yield Problem(term, "还没有填选举日期。")
    elif term.elected_on > local_today():
        yield Problem(
            term, f"选举日期是 {term.elected_on}，还没有到；选举之后再来确认。"
        )
    elif not term.branch.exists_on(term.elected_on):
        yield Problem(term, f"{term.elected_on} 那天这个组织不存在，请核对选举日期。")


def _of_seats(part: TermPlan) -> Iterator[Problem]:
    term, elected = part.term, len(part.elected)
    if not elected:
        yield Problem(term, "还没有填当选人。")
    elif term.seats_planned is None:
        yield Problem(term, "还没有填执委名额。")
    elif elected > term.seats_planned:
        yield Problem(
            term,
            f"当选 {elected} 人，超过名额 {term.seats_planned} 人；"
            "请核对当选人，或改名额。",
        )
    elif elected < term.seats_planned:
        missing = term.seats_planned - elected
        yield Problem(
            term, f"当选 {elected} 人，比名额少 {missing} 人，以后可以补选。", False
        )


def _of_chair(part: TermPlan) -> Iterator[Problem]:
    term, chairs = part.term, part.chairs
    if part.elected and not chairs:
        yield Problem(term, "当选人里没有主席，请选一位。")
    elif len(chairs) > 1:
        names = "、".join(one.person_name for one in chairs)
        yield Problem(term, f"有 {len(chairs)} 位主席（{names}），只能有一位。")
    elif chairs and term.branch.level == Branch.Level.TOWN:
        (chair,) = chairs
        if chair.concurrent_office not in FIT_FOR_TOWN_CHAIR:
            yield Problem(
                term,
                f"镇街主席一般由党政女性副职或副职级干部担任，{chair.person_name}"
                "没有注明兼任，请核对。",
                False,
            )


def _of_voters(term: Term) -> Iterator[Problem]:
    expected, present = term.voters_expected, term.voters_present
    if not term.method:
        yield Problem(term, "还没有填选举方式。", False)
    if expected is None or present is None:
        yield Problem(term, "还没有填应到、实到人数。", False)
    elif present * 2 < expected:
        yield Problem(
            term, f"实到 {present} 人，不到应到 {expected} 人的一半，请核对。", False
        )


def _of_people(part: TermPlan) -> Iterator[Problem]:
    names = Counter(one.person_name for one in part.elected)
    for name, times in names.items():
        if times > 1:
            yield Problem(
                part.term,
                f"当选人里有 {times} 个{name}，请核对是不是同一个人。",
                False,
            )
    for one in part.elected:
        present = part.term.voters_present
        if one.votes is not None and present is not None and one.votes > present:
            yield Problem(
                part.term,
                f"{one.person_name}得票 {one.votes}，多于实到 {present} 人，请核对。",
                False,
            )


def _out_of_order(plan: Plan) -> Iterator[Problem]:
    """Say what ``Term.clean`` says: each term is elected after the one before."""
    elected = defaultdict(list)
    branches = [part.term.branch_id for part in plan.parts]
    for term in Term.objects.elected().filter(branch__in=branches).order_by("number"):
        elected[term.branch_id].append(term)
    for part in plan.parts:
        term = part.term
        if term.elected_on is None:
            continue
        others = [one for one in elected[term.branch_id] if one.pk != term.pk]
        if sentence := term.order_fault(others):
            yield Problem(term, sentence)
        try:
            term.clean_fields(exclude=["branch", "election"])
        except ValidationError as error:
            for sentence in error.messages:
                yield Problem(term, sentence)


def _refused_posts(plan: Plan) -> Iterator[Problem]:
    """Ask the rules of the register about the old posts and the new ones together."""
    posts = plan.all("ending") + plan.all("beginning")
    parts = {part.term.branch_id: part for part in plan.parts}
    for position, fault in post_rules.faults(Post, posts).items():
        part = parts[posts[position].branch_id]
        if len(part.chairs) > 1 and fault.field == "title":
            continue  # told already, with the names
        name = posts[position].member.name
        yield Problem(part.term, f"{name}：{fault.sentence}")


def _known_people(plan: Plan) -> Iterator[Problem]:
    """Warn of new people who may be in the register already."""
    new = [one for one in plan.all("elected") if one.member_id is None]
    if not new:
        return
    alike = Q(name__in=[one.name for one in new])
    if phones := [one.phone for one in new if one.phone]:
        alike |= Q(phone__in=phones)
    known = Member.objects.current().filter(alike).select_related("branch")
    # Of people elsewhere whom the reader may not see nothing is said.
    known = list(known.within(plan.election.branch))
    for one in new:
        for member in known:
            if is_alike(one, member):
                yield Problem(
                    one.term,
                    f"新提名的{one.name}可能就是名册里的{member.name}"
                    f"（{member.branch}）。是同一个人的，请移除后从名册里选。",
                    False,
                )


def is_alike(candidate: Candidate, member: Member) -> bool:
    if candidate.phone and candidate.phone == member.phone:
        return True
    same_month = member.birth_month and candidate.birth_month == member.birth_month
    unknown = member.birth_month is None or candidate.birth_month is None
    at_home = member.branch_id == candidate.term.branch_id
    return member.name == candidate.name and bool(same_month or unknown and at_home)
