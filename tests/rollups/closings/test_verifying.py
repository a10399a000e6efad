"""Whatever is touched after a closing is found and named: by the hash, by the lines,
by the totals, or by a copy of the chain's head kept outside."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models

from activities.models import Activity
from rollups import closings, engine
from rollups.closings import paper
from rollups.models import Reopening, Revision, RevisionRow
from tests.rollups.closings.conftest import LAST, held

pytestmark = pytest.mark.django_db

TABLES = ("rollups_revision", "rollups_revisionrow", "rollups_reopening")


@pytest.fixture
def revision(month, district_admin):
    return closings.close(month, district_admin, "按期结账")


@pytest.fixture
def tamper(revision):
    """Somebody with the database's own password, who takes the guards off first."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER {table}_never_changes ON {table}")
            else:
                for verb in ("UPDATE", "DELETE"):
                    cursor.execute(f"DROP TRIGGER {table}_no_{verb}")

    def write(rows, **values):
        models.QuerySet.update(rows, **values)

    return write


def faults(*heads) -> list[str]:
    return [str(fault) for fault in closings.verify(heads)]


def row_of(revision, branch):
    return RevisionRow.objects.filter(
        revision=revision, branch_code=branch.code, indicator="activities.attendance"
    )


def test_untouched_revisions_have_no_fault(revision, community, district_admin):
    held(community, month=LAST.previous(), attendance_offline=5)
    engine.drain_marks()
    closings.close(LAST.previous(), district_admin)

    assert faults(revision.head, closings.chain_head()) == []


def test_a_row_that_was_changed_is_named(revision, tamper, community):
    tamper(row_of(revision, community), own=31, total=31)

    found = faults()

    assert any("明一社区妇联）和库里的数据不符" in fault for fault in found)
    assert any("合计不等于本级加下级" in fault for fault in found)
    assert all(fault.startswith(f"{LAST.label}第 1 版") for fault in found)


def test_a_row_that_was_deleted_is_named(revision, tamper, community):
    rows = row_of(revision, community)
    rows._raw_delete(rows.db)

    assert any("和库里的数据不符" in fault for fault in faults())


def test_the_file_that_was_changed_is_named(revision, tamper):
    csv = bytes(revision.csv).replace(b",100\r\n", b",900\r\n")
    assert csv != bytes(revision.csv)
    tamper(Revision.objects.filter(pk=revision.pk), csv=csv)

    found = faults()

    assert any("文件或说明和校验值不符" in fault for fault in found)
    assert any("章丘区妇联）和库里的数据不符" in fault for fault in found)


@pytest.mark.parametrize(
    "change",
    [{"reason": "别的"}, {"number": 7}, {"facts": "{"}, {"previous": "0" * 64}],
)
def test_what_it_says_about_itself_is_covered_too(revision, tamper, change):
    tamper(Revision.objects.filter(pk=revision.pk), **change)

    assert faults() != []


def test_totals_that_agree_with_the_file_but_not_with_each_other_are_named(
    revision, tamper, street
):
    """Row, file and hash changed by somebody who forgot the totals above."""
    forge(tamper, revision, row_of(revision, street), b"80", 81)

    assert [fault.partition("的")[0] for fault in faults()] == [
        f"{LAST.label}第 1 版：章丘区妇联",
        f"{LAST.label}第 1 版：明水街道妇联",
    ]
    assert all("合计不等于本级加下级" in fault for fault in faults())


def test_row_file_and_hash_together_are_found_by_a_head_kept_outside(
    revision, tamper, sister_community, sister_street, district
):
    kept = closings.chain_head()
    # All totals are made to agree: 20 becomes 25 on each level.
    for branch, before, after in (
        (sister_community, b"20,20", 25),
        (sister_street, b"0,20", 25),
        (district, b"0,100", 105),
    ):
        revision.refresh_from_db()
        forge(tamper, revision, row_of(revision, branch), before, after)

    assert faults() == []
    assert faults(kept) == [
        f"{LAST}/1：和留存的校验值不符：这个版本或它前面的版本被改动过。"
    ]


def test_a_forged_older_revision_breaks_the_chain(
    revision, tamper, community, district_admin
):
    closings.reopen(LAST, district_admin, reason="人次有误")
    Activity.objects.filter(branch=community).update(attendance_offline=33)
    closings.close(LAST, district_admin)

    forge(tamper, revision, row_of(revision, community), b"30,30", 30)
    tamper(
        Revision.objects.filter(pk=revision.pk),
        reason="",
        facts=revision.facts.replace("按期结账", ""),
    )
    revision.refresh_from_db()
    sha256 = paper.digest(revision.previous, revision.facts, revision.csv)
    tamper(Revision.objects.filter(pk=revision.pk), sha256=sha256)

    assert any("没有接在前一个版本后面" in fault for fault in faults())


def test_a_revision_that_vanished_is_missed(revision, tamper, district_admin):
    closings.reopen(LAST, district_admin, reason="再看一遍")
    closings.close(LAST, district_admin)
    for model in (Reopening, RevisionRow):
        model.objects.all()._raw_delete("default")
    Revision.objects.filter(pk=revision.pk)._raw_delete("default")

    found = faults(revision.head)

    assert any("前面缺少第 1 号版本" in fault for fault in found)
    assert any("所指的版本不在库里" in fault for fault in found)


def test_the_command_names_it_and_fails(revision, tamper, community, capsys):
    tamper(row_of(revision, community), own=31)

    with pytest.raises(CommandError, match="被改动过或不完整"):
        call_command("verify_revisions")

    assert "明一社区妇联" in capsys.readouterr().err


def forge(tamper, revision, rows, before: bytes, after: int) -> None:
    """Change a row, its line in the file, and the hash over both."""
    row = rows.get()
    own = after if row.own else 0
    lines = bytes(revision.csv).split(b"\r\n")
    marks = (row.branch_code.encode() + b",", row.indicator.encode() + b",")
    csv = b"\r\n".join(
        line.replace(
            before, b"%d,%d" % (own, after) if b"," in before else b"%d" % after
        )
        if all(mark in line for mark in marks)
        else line
        for line in lines
    )
    tamper(rows, own=own, total=after)
    json.loads(revision.facts)
    sha256 = paper.digest(revision.previous, revision.facts, csv)
    tamper(Revision.objects.filter(pk=revision.pk), csv=csv, sha256=sha256)
