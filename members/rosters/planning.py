"""What a roster would change in the register, line by line, without changing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from federation import batches
from federation.imports.layout import Table
from federation.imports.places import Places, is_only_sheet
from federation.imports.plans import Kind, Outcome, Plan
from federation.models import Branch
from federation.months import local_today
from members.models import Member, Post, Term
from members.post_rules import faults
from members.rosters.describing import said_of_changes, said_of_post
from members.rosters.people import People, Person
from members.rosters.reading import RosterLine, parse

PERMISSION = "members.import_member"
NO_START = (
    "没有任职时间，这个组织也没有登记本届选举日期："
    "请在表中填写任职时间，或在上传时填“任职日期”。"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked beside the file. ``starts_on`` is for lines without a date; the
    others are for posts that a complete roster does not name."""

    starts_on: date | None = None
    is_complete: bool = False
    ends_on: date | None = None
    ending: str = Post.Ending.RESIGNED

    @classmethod
    def of_json(cls, stored: dict) -> Options:
        days = {
            name: date.fromisoformat(stored[name])
            for name in ("starts_on", "ends_on")
            if stored.get(name)
        }
        return cls(
            is_complete=bool(stored.get("is_complete")),
            ending=stored.get("ending") or Post.Ending.RESIGNED,
            **days,
        )


@dataclass(slots=True, eq=False)
class Entry:
    """One line on its way: who and where it is, and what it asks for. A line that is
    refused keeps its reason and asks for nothing."""

    line: RosterLine | None  # None: a post that a complete roster does not name
    branch: Branch | None = None
    person: Person | None = None
    refusal: str = ""
    facts: dict[str, object] = field(default_factory=dict)  # of the person
    begins: Post | None = None
    ends: Post | None = None
    office: Post | None = None  # its concurrent office changes

    @property
    def kind(self) -> Kind:
        if self.refusal:
            return Kind.REFUSED
        if self.begins:
            return Kind.CREATE
        if self.ends:
            return Kind.END
        return Kind.CHANGE if self.facts or self.office else Kind.UNCHANGED


def plan_roster(
    tables: list[Table], branch: Branch, user, options: dict, answers: dict
) -> Plan:
    """Return the plan; its ``work`` is the list of entries that are not refused."""
    roster = parse(tables)
    places = Places(branch, user, PERMISSION, answers)
    planner = _Planner(roster.lines, places, user, Options.of_json(options))
    entries = planner.entries()
    return Plan(
        [_outcome(entry, places) for entry in entries],
        places.questions,
        roster.notes,
        [entry for entry in entries if not entry.refusal],
    )


class _Planner:
    def __init__(self, lines: list[RosterLine], places: Places, user, options: Options):
        self.places, self.options = places, options
        is_only = is_only_sheet(lines)
        self.found = [self._placed(line, is_only) for line in lines]
        sound = [entry.line for entry in self.found if not entry.refusal]
        self.people = People(sound, user, PERMISSION)
        self.branches = {e.branch.pk: e.branch for e in self.found if e.branch}
        self.terms = _elected_terms(self.branches)
        self.seen: dict[tuple, int] = {}

    def entries(self) -> list[Entry]:
        for entry in self.found:
            if not entry.refusal:
                entry.refusal = self._judge(entry) or ""
        entries = self.found
        if self.options.is_complete:
            entries = entries + list(self._unnamed())
        _refuse_faults(entries)
        return entries

    def _placed(self, line: RosterLine, is_only: bool) -> Entry:
        place = self.places.find(
            line.branch, line.sheet, line.above, is_only_sheet=is_only
        )
        reasons = [*line.faults, *filter(None, [place.refusal])]
        return Entry(line, place.branch, refusal="".join(reasons))

    def _judge(self, entry: Entry) -> str | None:
        """Fill in what *entry* asks for; return why it is refused, if it is."""
        line, branch = entry.line, entry.branch
        person, reason = self.people.find(line, branch)
        if reason:
            return reason
        entry.person = person = person or self.people.add(line, branch)
        key = (person, branch.pk, line.title)
        if key in self.seen:
            return f"与第 {self.seen[key]} 行重复，请只留一行。"
        self.seen[key] = line.row
        for name, value in line.values.items():
            known, row = person.said.setdefault(name, (value, line.row))
            if known != value:
                label = Member._meta.get_field(name).verbose_name
                return f"{label}与第 {row} 行的“{line.name}”不一致，请核对。"
        if not person.is_new:
            entry.facts = {
                name: value
                for name, value in line.values.items()
                if getattr(person.member, name) != value
            }
        return self._judge_post(entry)

    def _judge_post(self, entry: Entry) -> str | None:
        line, told = entry.line, entry.line.post
        same = [
            post
            for post in entry.person.posts
            if post.branch_id == entry.branch.pk and post.title == line.title
        ]
        running = [post for post in same if post.ended_on is None]
        if ended_on := told.get("ended_on"):
            ending = told.get("ending", self.options.ending)
            if any(post.ended_on == ended_on for post in same):
                return None
            if running:
                return _end(entry, running[0], ended_on, ending)
            if "started_on" not in told:
                return "名册里没有她在任的这个职务，补登已卸任的任职请写明任职时间。"
            return self._begin(entry, ended_on, ending)
        if "ending" in told:
            return "卸任日期和卸任原因要一起填写。"
        if not running:
            return self._begin(entry)
        office = told.get("concurrent_office")
        if office and running[0].concurrent_office != office:
            running[0].concurrent_office = office
            entry.office = running[0]
        return None

    def _begin(self, entry: Entry, ended_on=None, ending="") -> str | None:
        line, branch = entry.line, entry.branch
        started_on = line.post.get("started_on") or self._usual_start(branch)
        if started_on is None:
            return NO_START
        if ended_on and ended_on <= started_on:
            return _sentence("post_ends_after_it_starts")
        entry.begins = Post(
            member=entry.person.member,
            branch=branch,
            term=self._term_of(branch, started_on, ended_on),
            title=line.title,
            concurrent_office=line.post.get("concurrent_office", ""),
            started_on=started_on,
            ended_on=ended_on,
            ending=ending,
        )
        return None

    def _usual_start(self, branch: Branch) -> date | None:
        if self.options.starts_on:
            return self.options.starts_on
        past = [
            term.elected_on
            for term in self.terms[branch.pk]
            if term.elected_on <= local_today()
        ]
        return past[-1] if past else None

    def _term_of(self, branch: Branch, started_on, ended_on) -> Term | None:
        """Return the term the post lies in. One that runs on into the next term, as
        rosters write who was elected again, belongs to none."""
        terms = self.terms[branch.pk]
        for term, after in zip_longest(terms, terms[1:]):
            is_over = after and (ended_on is None or ended_on > after.elected_on)
            if term.elected_on <= started_on and not is_over:
                return term
        return None

    def _unnamed(self) -> Iterable[Entry]:
        """Yield an end for each post in the listed branches that no line names. Whoever
        stands on a refused line is left alone."""
        refused = {entry.line.name for entry in self.found if entry.refusal}
        named = {
            (entry.person.member.pk, entry.branch.pk, entry.line.title)
            for entry in self.found
            if entry.person and not entry.refusal
        }
        ends_on = self.options.ends_on or local_today()
        posts = Post.objects.in_post(ends_on).filter(ended_on__isnull=True)
        posts = posts.select_related("member", "term").order_by("branch__path", "pk")
        for pks in batches.of(sorted(self.branches)):
            for post in posts.filter(branch__in=pks):
                key = (post.member_id, post.branch_id, post.title)
                if key in named or post.member.name in refused:
                    continue
                entry = Entry(None, self.branches[post.branch_id], Person(post.member))
                entry.refusal = _end(entry, post, ends_on, self.options.ending) or ""
                yield entry


def _elected_terms(branches: dict[int, Branch]) -> dict[int, list[Term]]:
    """Return the elected terms of each branch, earliest first."""
    found = defaultdict(list)
    for pks in batches.of(sorted(branches)):
        terms = Term.objects.elected().filter(branch__in=pks).order_by("number")
        for term in terms:
            found[term.branch_id].append(term)
    return found


def _end(entry: Entry, post: Post, ended_on: date, ending: str) -> str | None:
    if ended_on <= post.started_on:
        return _sentence("post_ends_after_it_starts")
    post.ended_on, post.ending = ended_on, ending
    entry.ends = post
    return None


def _sentence(constraint: str) -> str:
    """Return what the form says when *constraint* of a post is broken."""
    return next(
        str(one.violation_error_message)
        for one in Post._meta.constraints
        if one.name == constraint
    )


def _refuse_faults(entries: list[Entry]) -> None:
    """Refuse what the rules of posts refuse, with their sentences. A refused end can
    make a beginning impossible, so they are asked until they find nothing."""
    while True:
        asking = [
            (entry, post)
            for entry in entries
            if not entry.refusal and (post := entry.ends or entry.begins)
        ]
        found = faults(Post, [post for _, post in asking])
        if not found:
            return
        for position, fault in found.items():
            asking[position][0].refusal = fault.sentence


def _outcome(entry: Entry, places: Places) -> Outcome:
    line, branch = entry.line, entry.branch
    title = line.title if line else entry.ends and entry.ends.title
    name = line.name if line else entry.person.member.name
    label = Post.Title(title).label if title else ""
    return Outcome(
        entry.kind,
        line.sheet if line else "",
        line.row if line else 0,
        places.label(branch) if branch else line.branch,
        " ".join(filter(None, [name or "（没有姓名）", label])),
        entry.refusal or _detail(entry),
    )


def _detail(entry: Entry) -> str:
    parts = []
    if entry.begins:
        parts.append("新登记" if entry.person.is_new else "已在名册，新任职")
        parts.append(said_of_post(entry.begins))
    elif entry.ends:
        missing = "名册中没有此人此职，" if entry.line is None else ""
        parts.append(f"{missing}{said_of_post(entry.ends)}")
    parts += said_of_changes(entry.person.member, entry.facts)
    if entry.office:
        parts.append(f"兼任改为{entry.office.get_concurrent_office_display()}")
    return "；".join(parts)
