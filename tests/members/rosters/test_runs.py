"""The way of an import: previewed, confirmed, written, undone, forgotten."""

import io
from datetime import timedelta

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from federation import doorbell
from federation.imports import refused, registers, runs
from federation.imports.layout import OF_REFUSED
from federation.imports.runs import DEAD_AFTER, KEEP_DAYS
from federation.journal import UNDO_DAYS
from federation.models import Disclosure, Grant, ImportRun, JournalEntry, Mark
from federation.roles import Role
from members.models import Member, Post, PostGrant
from tests.factories import GrantFactory, MemberFactory, PostFactory
from tests.federation.imports import books
from tests.members.rosters.conftest import previewed, reasons

pytestmark = pytest.mark.django_db

ROSTER = books.csv([["姓名", "职务"], ["王芳", "主席"], ["李英", "村长"]])


def test_a_preview_writes_nothing(hand_in, community):
    before = Mark.objects.count()

    run = hand_in(ROSTER, branch=community)

    assert (run.status, run.create_count, run.refused_count) == ("previewed", 1, 1)
    assert Member.objects.count() == Post.objects.count() == 0
    assert Mark.objects.count() == before


def test_a_confirmed_run_marks_logs_and_journals_each_row(take_in, community):
    run = take_in(ROSTER, branch=community)

    assert (run.status, Member.objects.count(), Post.objects.count()) == ("done", 1, 1)
    assert JournalEntry.objects.filter(journal=run.journal).count() == 2
    logged = LogEntry.objects.get_for_model(Post).filter(action=LogEntry.Action.CREATE)
    assert logged.count() == 1
    assert Mark.objects.filter(branch=community, onward=True).exists()


def test_confirming_rings_once_and_a_second_time_is_refused(
    hand_in, community, street_reviewer, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    run = hand_in(ROSTER, branch=community)

    with django_capture_on_commit_callbacks(execute=True):
        runs.confirm(run, street_reviewer)
    with pytest.raises(ValidationError, match="现在是“导入中”"):
        runs.confirm(run, street_reviewer)

    assert rung == [runs.TASK]
    assert (runs.carry_out(), runs.carry_out()) == (1, 0)
    assert Member.objects.count() == 1


def test_a_run_with_an_open_question_is_not_confirmed(hand_in, street_reviewer, street):
    run = hand_in(books.csv([["村", "姓名"], ["某村", "王芳"], ["", "李英"]]))

    with pytest.raises(ValidationError, match="没说清的组织"):
        runs.confirm(run, street_reviewer)


def test_a_register_that_changed_since_is_shown_anew(
    hand_in, community, street_reviewer
):
    run = hand_in(ROSTER, branch=community)
    chair = MemberFactory(name="赵兰", branch=community)
    PostFactory(member=chair, branch=community, title="chair")
    runs.confirm(run, street_reviewer)

    assert runs.carry_out() == 0

    run.refresh_from_db()
    assert (run.status, run.create_count, run.refused_count) == ("previewed", 0, 2)
    assert "预览以后，名册又有改动" in run.message
    assert "已有主席赵兰" in reasons(run)[2]
    assert not Member.objects.filter(name="王芳").exists()


def test_a_right_that_ended_since_writes_nothing(hand_in, community, street_reviewer):
    run = hand_in(ROSTER, branch=community)
    runs.confirm(run, street_reviewer)
    Grant.objects.filter(user=street_reviewer).update(ends_on="2024-01-01")

    assert runs.carry_out() == 0
    assert Member.objects.count() == 0


def test_a_run_whose_worker_died_waits_for_a_second_confirmation(
    hand_in, community, street_reviewer
):
    run = hand_in(ROSTER, branch=community)
    runs.confirm(run, street_reviewer)
    taken_at = timezone.now() - DEAD_AFTER - timedelta(seconds=1)
    ImportRun.objects.filter(pk=run.pk).update(taken_at=taken_at)

    assert runs.carry_out() == 0

    run.refresh_from_db()
    assert (run.status, run.message) == (
        "previewed",
        "上次导入中断了，什么都没有写入。请再确认一次。",
    )
    runs.confirm(run, street_reviewer)
    assert runs.carry_out() == 1


def test_a_run_that_another_worker_has_taken_is_left_alone(
    hand_in, community, street_reviewer
):
    run = hand_in(ROSTER, branch=community)
    runs.confirm(run, street_reviewer)
    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now())

    assert runs.carry_out() == 0
    run.refresh_from_db()
    assert run.status == "confirmed"


def test_a_fault_in_the_middle_leaves_nothing(
    hand_in, community, street_reviewer, monkeypatch
):
    def fail(*arguments):
        raise RuntimeError("the disk is full")

    run = hand_in(ROSTER, branch=community)
    runs.confirm(run, street_reviewer)
    # The people are written by then, the posts are not.
    monkeypatch.setattr("members.imports._ending_grants", fail)

    with pytest.raises(RuntimeError):
        runs.carry_out()

    run.refresh_from_db()
    assert (run.status, Member.objects.count()) == ("previewed", 0)
    assert "什么都没有写入" in run.message


def test_an_import_is_undone_as_a_whole(take_in, community, street_reviewer):
    chair = MemberFactory(name="赵兰", branch=community, education="college")
    old = PostFactory(member=chair, branch=community, title="chair")
    grant = GrantFactory(
        user=street_reviewer, branch=community, role=Role.CLERK, ends_on=None
    )
    PostGrant.objects.create(post=old, grant=grant)
    content = books.csv(
        [
            ["姓名", "职务", "学历", "卸任日期", "卸任原因"],
            ["赵兰", "主席", "本科", "2023.12.31", "辞职"],
            ["王芳", "主席", "", "", ""],
        ]
    )
    run = take_in(content, branch=community)
    old.refresh_from_db()
    grant.refresh_from_db()
    assert str(old.ended_on) == "2023-12-31"
    assert str(grant.ends_on) == "2023-12-30"

    runs.undo(run, street_reviewer)

    old.refresh_from_db()
    chair.refresh_from_db()
    grant.refresh_from_db()
    run.refresh_from_db()
    assert (old.ended_on, old.ending, chair.education) == (None, "", "college")
    assert grant.ends_on is None
    assert list(Member.objects.values_list("name", flat=True)) == ["赵兰"]
    assert run.status == "undone"


def test_what_a_newer_record_stands_on_is_not_undone(
    take_in, community, street_reviewer
):
    run = take_in(ROSTER, branch=community)
    Member.objects.filter(name="王芳").update(phone="13800138001")

    with pytest.raises(ValidationError, match="后来又改动过，不能整批撤销"):
        runs.undo(run, street_reviewer)

    run.refresh_from_db()
    assert (run.status, Post.objects.count()) == ("done", 1)


def test_nobody_handles_a_run_of_another_street(hand_in, community, sister_reviewer):
    run = hand_in(ROSTER, branch=community)

    for act in (runs.confirm, runs.drop, runs.undo):
        with pytest.raises(ValidationError, match="没有办理这次导入的权限"):
            act(run, sister_reviewer)
    with pytest.raises(ValidationError, match="没有办理这次导入的权限"):
        runs.answer(run, sister_reviewer, {})


def test_a_street_imports_its_own_people_only(
    hand_in, street, sister_community, sister_reviewer, community
):
    theirs = MemberFactory(name="王芳", branch=sister_community, phone="13800138001")
    content = books.csv(
        [
            ["组织", "妇联组织", "姓名", "职务", "手机"],
            ["", "370114002001", "王芳", "执委", "13800138001"],
            ["", "", "王芳", "执委", "13800138001"],
        ]
    )

    run = hand_in(content)

    assert previewed(run) == [
        ("refused", 2, "370114002001", "王芳 执委"),
        ("create", 3, "明水街道妇联", "王芳 执委"),
    ]
    assert theirs.posts.count() == 0
    with pytest.raises(ValidationError, match="没有在明水街道妇联导入"):
        hand_in(content, user=sister_reviewer)


def test_the_same_form_twice_is_one_run(roster, community, street_reviewer):
    key = "9f0e6d4e-6a0e-4f0e-9c57-0d4f6f6a1c11"
    arguments = (roster, community, street_reviewer, "a.csv", ROSTER, {}, key)

    assert runs.start(*arguments) == runs.start(*arguments)
    assert ImportRun.objects.count() == 1


def test_what_was_read_is_forgotten_in_time(
    hand_in, take_in, community, street_reviewer
):
    waiting = hand_in(ROSTER, branch=community)
    done = take_in(books.csv([["姓名", "职务"], ["孙丽", "执委"]]), branch=community)
    dropped = hand_in(ROSTER, branch=community)
    runs.drop(dropped, street_reviewer)

    def held(days):
        runs.forget(timezone.now() + timedelta(days=days, minutes=1))
        kept = ImportRun.objects.exclude(content=None).exclude(preview=None)
        return set(kept.values_list("pk", flat=True))

    assert held(0) == {waiting.pk, done.pk}
    assert held(KEEP_DAYS) == {done.pk}
    assert held(UNDO_DAYS) == set()
    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.status, done.status) == ("expired", "done")


def test_refused_lines_come_back_as_they_were_with_the_reason(
    take_in, community, client, street_reviewer
):
    content = books.xlsx(
        {
            "明一社区": [
                ["姓名", "身份证号", "职务", "家庭人口", "手机"],
                ["王芳", "370181198503120000", "主席", 3, "13800138001"],
                ["李英", "370181198503120000", "村长", 4, "13800138002"],
            ]
        }
    )
    run = take_in(content)
    client.force_login(street_reviewer, "federation.auth.ScopeBackend")

    answer = client.get(reverse("admin:federation_importrun_refused", args=[run.pk]))

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert [[cell.value for cell in row] for row in book.active.rows] == [
        [*OF_REFUSED, "所属妇联", "姓名", "职务", "家庭人口", "手机"],
        [
            "职务“村长”认不出，请写主席、副主席、常委或执委。",
            "明一社区",
            3,
            "明一社区妇联",
            "李英",
            "村长",
            "4",
            "13800138002",
        ],
    ]
    assert Disclosure.objects.get().rows == 1


def test_the_file_of_refused_lines_can_be_mended_and_handed_in(take_in, hand_in):
    header, rows = refused.sheet_of(take_in(ROSTER))
    rows[0][header.index("职务")] = "执委"

    again = hand_in(books.xlsx({"名单": [header, *rows]}))

    assert previewed(again) == [("create", 2, "明水街道妇联", "李英 执委")]
    _, _, notes = runs.outcomes_of(again)
    assert notes == []


def test_two_registers_of_one_code_are_refused(roster):
    with pytest.raises(ValueError, match="two registers called 'roster'"):
        registers.register(roster)
