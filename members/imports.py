"""What this app takes in from files: rosters."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from federation import batches
from federation.imports.layout import Table, Titles
from federation.imports.plans import Plan
from federation.imports.registers import Register, register
from federation.journal import Recorder
from federation.models import Branch, Grant
from members import post_grants
from members.models import Post, PostGrant
from members.post_rules import hold_committees
from members.rosters.columns import NEEDED, TITLES
from members.rosters.forms import RosterForm
from members.rosters.planning import PERMISSION, Entry, plan_roster
from members.rosters.reading import read_tables
from rollups.exports import chunked, stream_xlsx


class RosterRegister(Register):
    code = "roster"
    label = "执委名册"
    permission = PERMISSION
    titles = TITLES
    needed = NEEDED
    list_page = "admin:members_member_changelist"
    form = RosterForm
    explanation = (
        "把镇街平时用的执委名册原样上传：表头里有“姓名”和“职务”就行，多个工作表、"
        "合并单元格都可以。系统先列出会新增、修改什么，您确认后才写入。"
        "身份证号不会读取，文件本身不保存。"
    )

    def read(self, content: bytes, titles: Titles) -> list[Table]:
        return read_tables(content, titles)

    def plan(self, tables, branch, user, options, answers) -> Plan:
        return plan_roster(tables, branch, user, options, answers)

    def hold(self, branch: Branch) -> None:
        hold_committees(Branch.objects.within(branch).values_list("pk", flat=True))

    def write(self, plan: Plan, recorder: Recorder, told: Callable[[int], None]):
        entries: list[Entry] = plan.work
        _write_people(entries, recorder)
        # Backwards, each of these steps leaves what the rules of posts allow.
        ending = [entry.ends for entry in entries if entry.ends]
        recorder.update(_ending_grants(ending), ["starts_on", "ends_on"])
        recorder.update(ending, ["ended_on", "ending"])
        office = [entry.office for entry in entries if entry.office]
        recorder.update(office, ["concurrent_office"])
        beginning = [entry.begins for entry in entries if entry.begins]
        told(len(ending))
        for post in beginning:
            post.member = post.member  # its key is known now
        # In one go: the rules are asked of all of them once, before any is stored.
        recorder.create(beginning)
        told(len(ending) + len(beginning))

    def send(self, filename, header, rows: Iterable):
        return stream_xlsx(filename, header, chunked(rows))


def _write_people(entries: list[Entry], recorder: Recorder) -> None:
    new, changed, fields = {}, {}, set()
    for entry in entries:
        if entry.person.is_new:
            facts = entry.line.values
            new[id(entry.person)] = entry.person.member
        else:
            facts = entry.facts
        for name, value in facts.items():
            setattr(entry.person.member, name, value)
        if entry.facts:
            changed[entry.person.member.pk] = entry.person.member
            fields.update(entry.facts)
    recorder.update(changed.values(), sorted(fields))
    for member in new.values():
        member.describe()
    recorder.create(new.values())


def _ending_grants(posts: list[Post]) -> list[Grant]:
    """Return the grants that came with *posts*, ended with them: ending a post ends
    them too, but writes nothing down to undo."""
    by_pk = {post.pk: post for post in posts}
    ended = []
    for pks in batches.of(list(by_pk)):
        owned = PostGrant.objects.filter(post__in=pks).select_related("grant")
        for owns in owned.order_by("grant"):
            if post_grants.fit(owns.grant, by_pk[owns.post_id]):
                ended.append(owns.grant)
    return ended


register(RosterRegister())
