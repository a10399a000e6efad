"""What somebody types into the pages of the admin, so that something changes."""

from datetime import timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from activities.models import Activity
from families.models import Batch, Household, Inspection, Recognition, Standard
from federation.models import Branch, BranchStat, Chapter, Grant, Programme, User
from federation.months import Month, local_today
from members.models import Delegate, Election, Honour, Member, Post, Term, TermLength
from rollups.models import (
    Baseline,
    DerivedIndicator,
    ReportedIndicator,
    ReportTemplate,
)
from tests.permissions import families

ACT = {"reason": "机构调整", "document_number": "章妇〔2026〕9 号"}


def _act(**answers):
    """Type an act of the tree, in force today; *answers* may be of the world."""

    def typed(world, variant):
        told = {
            name: answer(world, variant) if callable(answer) else answer
            for name, answer in answers.items()
        }
        return {"on": local_today().isoformat(), **ACT, **told}

    return typed


def _close(world, variant):
    # A village closes once it has no household left.
    here = Household.objects.filter(branch=world.places[variant], left_on=None)
    here.update(left_on=local_today())
    return _act()(world, variant)


FIRST_DAY = Month.current().first_day.isoformat()


def photo() -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", (40, 30), "white").save(written, "JPEG")
    return SimpleUploadedFile("合影.jpg", written.getvalue(), "image/jpeg")


def _activity(world, variant):
    return {
        "title": "新登记的活动",
        "branch": world.places[variant].pk,
        "programme": world.row(Programme, "").pk,
        "starts_on": "2026-03-08",
        "place": "社区活动室",
    }


def _at_branch(**fields):
    return lambda world, variant: {"branch": world.places[variant].pk, **fields}


def _same(**fields):
    return lambda world, variant: fields


TYPED = {
    "admin:federation_importrun_start": lambda world, variant: {
        "branch": world.places[variant.removesuffix("-households")].pk,
        "file": SimpleUploadedFile(
            "名册.csv", "姓名,职务,门牌\n张桂英,执委,1号".encode()
        ),
        "starts_on": "2024-01-01",
    },
    (Activity, "add"): _activity,
    (Activity, "change"): _same(place="改在村口"),
    "admin:activities_activity_photos": lambda world, variant: {
        "image": photo(),
        "key": "",
    },
    "admin:activities_activity_photo": _same(caption="改了说明"),
    "admin:activities_activity_repeat": _same(rhythm="weekly", sessions="2"),
    (Branch, "change"): _same(place_name="改了区划名称"),
    "admin:federation_branch_found_below": _act(
        name="泉水物业", level="unit", kind="company"
    ),
    "admin:federation_branch_rename_branch": _act(name="新名社区妇联"),
    "admin:federation_branch_transfer_branch": _act(
        on=FIRST_DAY,
        parent=lambda world, variant: (
            (world.sister_street if variant == "own" else world.street).pk
        ),
    ),
    "admin:federation_branch_merge_branch": _act(
        on=FIRST_DAY,
        into=lambda world, variant: (
            world.places["foreign" if variant == "own" else "own"].pk
        ),
    ),
    "admin:federation_branch_split_branch": _act(
        on=FIRST_DAY, parts="370114009009 新分社区"
    ),
    "admin:federation_branch_close_branch": _close,
    (BranchStat, "add"): _at_branch(
        figure="grids", as_of="2026-01-01", value="12", source="年报"
    ),
    (BranchStat, "change"): _same(value="4321"),
    (Chapter, "add"): _same(
        name="新板块", slug="new-chapter", colour="gold", position="9"
    ),
    (Chapter, "change"): _same(position="8"),
    (Programme, "add"): lambda world, variant: {
        "name": "新项目",
        "slug": "new-programme",
        "chapter": world.row(Chapter, "").pk,
        "position": "9",
        "is_active": "on",
    },
    (Programme, "change"): _same(position="8"),
    (ReportTemplate, "add"): _same(
        **{
            "title": "新报表",
            "slug": "new-table",
            "columns-TOTAL_FORMS": "1",
            "columns-0-position": "1",
            "columns-0-indicator": "activities.attendance",
            "columns-0-aspect": "now",
        }
    ),
    (ReportTemplate, "change"): _same(title="改了标题"),
    (User, "add"): _at_branch(
        name="新来的", username="newcomer", role="clerk", ends_on=""
    ),
    (User, "change"): _same(name="改了名"),
    "admin:federation_user_deputies": lambda world, variant: {
        "for": world.row(Grant, f"{variant}-principal").pk,
        "deputy": world.row(User, variant).pk,
        "starts_on": local_today().isoformat(),
        "ends_on": local_today().isoformat(),
    },
    (ReportedIndicator, "add"): _same(
        **{
            "name": "新指标",
            "slug": "newone",
            "unit": "人",
            "kind": "flow",
            "levels": ["village"],
            "position": "3",
            "batches-TOTAL_FORMS": "1",
            "batches-INITIAL_FORMS": "0",
            "batches-0-document_number": "章妇〔2026〕7 号",
            "batches-0-from_month": "2026-03",
        }
    ),
    (ReportedIndicator, "change"): _same(name="改了名称"),
    (DerivedIndicator, "add"): _same(
        name="讲座人次",
        slug="listeners",
        base="activities.attendance",
        only_kind=["lecture"],
        position="3",
    ),
    (DerivedIndicator, "change"): _same(name="改了名称"),
    (Baseline, "add"): _at_branch(
        indicator="activities.attendance",
        first_month="2018-01",
        last_month="2018-12",
        value="500",
        source="2018 年总结",
    ),
    (Baseline, "change"): _same(value="4321"),
    (Member, "add"): _at_branch(name="张桂英", gender="female"),
    (Member, "change"): _same(name="改了姓名"),
    (Post, "add"): lambda world, variant: {
        "member": world.row(Member, variant).pk,
        "branch": world.places[variant].pk,
        "title": "chair",
        "started_on": "2024-01-01",
    },
    (Post, "change"): _same(title="vice_full"),
    (Term, "add"): _at_branch(number="9", elected_on="2026-01-01", due_on="2031-01-01"),
    (Term, "change"): _same(due_on="2027-01-01"),
    (Honour, "add"): _at_branch(
        title="三八红旗手",
        rank="district",
        awarding_body="区妇联",
        awarded_on="2026-03-08",
        holder_name="张桂英",
        state="awarded",
    ),
    (Honour, "change"): _same(awarding_body="改了授予单位"),
    (Delegate, "add"): lambda world, variant: {
        "member": world.row(Member, variant).pk,
        "branch": world.places[variant].pk,
        "level": "town",
        "congress": "2",
        "started_on": "2026-03-08",
    },
    (Delegate, "change"): _same(congress="7"),
    (TermLength, "add"): _same(level="village", years="3"),
    (TermLength, "change"): _same(years="4"),
    "admin:members_election_add": lambda world, variant: {
        "branch": world.row(Election, f"{variant}-elected").branch_id,
        "covers": "own",
        "elected_on": "2031-09-01",
    },
    (Election, "change"): _same(method="assembly"),
    "admin:members_election_term_change": _same(seats_planned="3"),
    "admin:members_election_roster": lambda world, variant: {
        "file": SimpleUploadedFile("名单.csv", "姓名,职务\n赵玉兰,执委\n".encode())
    },
    "admin:members_election_documents": _same(
        approval_number="章妇〔2026〕8 号", approved_on="2026-09-10"
    ),
    "admin:members_election_postpone": lambda world, variant: {
        "planned_on": (local_today() + timedelta(days=99)).isoformat(),
        "note": "章妇〔2026〕9 号",
    },
    "admin:members_election_by_election": lambda world, variant: {
        "member": world.row(Member, f"{variant}-twin").pk,
        "title": "committee",
        "elected_on": "2024-09-01",
    },
    "admin:members_member_duplicates": lambda world, variant: {
        "kept": world.row(Member, variant).pk,
        "duplicate": world.row(Member, f"{variant}-twin").pk,
    },
    (Batch, "add"): _at_branch(
        name="新批次", subject="household", opened_on="2026-03-01"
    ),
    (Batch, "change"): _same(document_number="章妇〔2026〕9 号"),
    (Inspection, "change"): families.corrected,
    (Recognition, "change"): _same(
        act="revoke", on=local_today().isoformat(), reason="整改不到位"
    ),
    (Standard, "add"): lambda world, variant: {
        "subject": "household",
        "name": "新标准",
        "applies_from": (local_today() + timedelta(days=1)).isoformat(),
        "criteria-0-name": "庭院",
        "criteria-0-weight": "100",
    },
    (Standard, "change"): _same(document_number="章妇〔2026〕9 号"),
    (Household, "add"): _at_branch(contact_name="张桂英", number=""),
    (Household, "change"): _same(group="9组"),
    "admin:families_household_export": _at_branch(
        on="2026-03-08", purpose="入户走访", recipient="区妇联办公室"
    ),
    "admin:members_member_export": _at_branch(
        on="2026-03-08", purpose="三八节慰问", recipient="区妇联办公室"
    ),
}
