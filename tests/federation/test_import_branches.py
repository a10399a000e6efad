from datetime import date
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from federation import successions
from federation.imports.branches import import_branches
from federation.models import Branch, Mark, Placement
from federation.place_names import branch_name_of

REFERENCE = Path(__file__).parents[2] / "federation/data/zhangqiu_divisions.csv"

pytestmark = pytest.mark.django_db

HEADER = "code,name,level,parent_code"
DISTRICT = "370114,章丘区,district,"
STREET = "370114001,明水街道,town,370114"
VILLAGE = "370114001001,明一社区居民委员会,village,370114001"
SMALL_TREE = (DISTRICT, STREET, VILLAGE)
DEED = successions.Deed(date(2026, 3, 1), "区划调整", "章妇字〔2026〕3 号")


@pytest.fixture
def table(tmp_path):
    """Write lines under the header into a CSV file and return its path."""

    def write(*lines, header=HEADER, encoding="utf-8"):
        path = tmp_path / "divisions.csv"
        path.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
        return path

    return write


def names():
    return dict(Branch.objects.values_list("code", "name"))


@pytest.mark.parametrize(
    ("place", "branch"),
    [
        ("章丘区", "章丘区妇联"),
        ("双山街道", "双山街道妇联"),
        ("垛庄镇", "垛庄镇妇联"),
        ("明一社区居民委员会", "明一社区妇联"),
        ("官庄村村民委员会", "官庄村妇联"),
        ("官庄村民委员会", "官庄村妇联"),
        ("东山社区村民委员会", "东山社区妇联"),
        ("北关居委会", "北关妇联"),
        ("山东技师学院类似居委会", "山东技师学院妇联"),
        ("西矾硫村东矾硫", "西矾硫村东矾硫妇联"),
        ("明一社区妇女联合会", "明一社区妇联"),
        ("明一社区妇联", "明一社区妇联"),
    ],
)
def test_a_branch_is_named_after_its_place(place, branch):
    assert branch_name_of(place) == branch


def test_the_reference_tree_becomes_613_branches():
    report = import_branches(REFERENCE)
    assert (report.created, report.refused) == (613, [])
    levels = [Branch.objects.filter(level=level).count() for level in Branch.Level]
    assert levels == [0, 0, 0, 1, 18, 594, 0]
    assert not Branch.objects.filter(name__contains="委员会").exists()
    branch = Branch.objects.get(code="370114001001")
    assert branch.name == "明一社区妇联"
    assert branch.initials == "mysq"
    assert branch.path == "370114/370114001/370114001001/"
    assert branch.parent.name == "明水街道妇联"
    assert Branch.objects.filter(name="官庄村妇联").count() == 4


def test_each_new_branch_has_its_place_its_mark_and_its_audit_entry():
    import_branches(REFERENCE)
    placements = Placement.objects.current()
    assert placements.count() == 613
    assert set(placements.values_list("path", "name", "parent_id")) == set(
        Branch.objects.values_list("path", "name", "parent_id")
    )
    assert set(Mark.objects.values_list("branch_id", flat=True)) == set(
        Branch.objects.values_list("pk", flat=True)
    )
    assert LogEntry.objects.get_for_model(Branch).count() == 613


def test_a_second_run_changes_nothing():
    import_branches(REFERENCE)
    Mark.objects.all().delete()
    before = list(Branch.objects.values()), list(Placement.objects.values())
    report = import_branches(REFERENCE)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 613)
    assert (list(Branch.objects.values()), list(Placement.objects.values())) == before
    assert not Mark.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_file(
    table, django_assert_max_num_queries
):
    villages = [f"37011400{n:04d},{n}村,village,370114001" for n in range(1000, 1400)]
    import_branches(table(*SMALL_TREE))
    with django_assert_max_num_queries(25):
        import_branches(table(*SMALL_TREE, *villages))


def test_a_changed_name_corrects_todays_name_and_keeps_the_old_months(table):
    import_branches(table(*SMALL_TREE))
    branch = Branch.objects.get(code="370114001001")
    successions.rename(DEED, branch, name="明水一社区妇联", short_name="明水一社区")
    changed = VILLAGE.replace("明一社区", "百脉社区")
    report = import_branches(table(DISTRICT, STREET, changed))
    assert (report.updated, report.unchanged) == (1, 2)
    branch.refresh_from_db()
    assert (branch.name, branch.initials) == ("百脉社区妇联", "bmsq")
    placements = branch.placements.order_by("from_month")
    assert [p.name for p in placements] == ["明一社区妇联", "百脉社区妇联"]


def test_a_correction_is_audited_and_marked(table):
    import_branches(table(*SMALL_TREE))
    Mark.objects.all().delete()
    import_branches(table(DISTRICT, STREET, VILLAGE.replace("明一", "百脉")))
    branch = Branch.objects.get(code="370114001001")
    entry = LogEntry.objects.get_for_object(branch).first()
    assert entry.changes["name"] == ["明一社区妇联", "百脉社区妇联"]
    assert Mark.objects.filter(branch=branch).exists()


def test_the_same_file_does_not_undo_a_renaming_or_a_transfer(table):
    other = "370114002,双山街道,town,370114"
    path = table(*SMALL_TREE, other)
    import_branches(path)
    branch = Branch.objects.get(code="370114001001")
    successions.rename(DEED, branch, name="明水一社区妇联", short_name="明水一社区")
    successions.transfer(DEED, branch, parent=Branch.objects.get(code="370114002"))
    report = import_branches(path)
    assert (report.unchanged, report.refused) == (4, [])
    branch.refresh_from_db()
    assert branch.name == "明水一社区妇联"
    assert branch.parent.code == "370114002"


def test_a_line_that_would_move_a_branch_is_refused(table):
    other = "370114002,双山街道,town,370114"
    import_branches(table(*SMALL_TREE, other))
    moved = VILLAGE.replace("village,370114001", "village,370114002")
    report = import_branches(table(DISTRICT, STREET, moved, other))
    assert report.refused == [
        (4, "明一社区妇联现在不在这个上级之下；要改隶属，请在“妇联组织”里办理划转。")
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("37011400100X,东村,village,370114001", "编码应为 2 至 12 位数字，请核对。"),
        ("370114001009,,village,370114001", "名称是空的，请填写。"),
        (f"370114001009,{'村' * 101},village,370114001", "100"),
        ("370114001009,11010519491231002X,village,370114001", "身份证号"),
        ("370114001009,东村,hamlet,370114001", "认不出层级，请填写：全国、"),
        ("370114001009,东村,village,370114099", "找不到上级编码对应的组织"),
        ("370114001009,东村,town,370114001", "层级应低于上级明水街道妇联（镇街）"),
        ("370114001009,东村,village,370114001009", "上级（第 5 行）不能导入"),
        ("370115,莱芜区,district,", "最上级组织只能有一个（章丘区妇联）"),
        ("370114001001,东村,village,370114001", "编码与第 4 行重复，请只留一行。"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_a_reason(table, line, reason):
    report = import_branches(table(*SMALL_TREE, line))
    [(number, sentence)] = report.refused
    assert number == 5
    assert reason in sentence
    assert not report.is_written
    assert not Branch.objects.exists()
    assert not Mark.objects.exists()


def test_skipping_bad_lines_takes_the_good_ones_and_nothing_below_the_bad(table):
    path = table(
        DISTRICT,
        "370114002001,东村村民委员会,village,370114002",
        "370114002,,town,370114",
        STREET,
        VILLAGE,
    )
    report = import_branches(path, skip_bad_lines=True)
    assert report.is_written
    assert [number for number, _ in report.refused] == [3, 4]
    assert "上级（第 4 行）不能导入" in report.refused[0][1]
    assert set(names()) == {"370114", "370114001", "370114001001"}


def test_the_order_of_the_lines_does_not_matter(table):
    report = import_branches(table(VILLAGE, STREET, DISTRICT))
    assert (report.created, report.refused) == (3, [])


def test_a_new_branch_below_a_closed_one_is_refused(table):
    import_branches(table(DISTRICT, STREET))
    successions.close(DEED, Branch.objects.get(code="370114001"))
    report = import_branches(table(*SMALL_TREE))
    assert report.unchanged == 2
    [(number, sentence)] = report.refused
    assert number == 4
    assert "已撤销" in sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_encodings_are_read(table, encoding):
    import_branches(table(*SMALL_TREE, encoding=encoding))
    assert names()["370114001001"] == "明一社区妇联"


def test_chinese_titles_and_levels_are_read(table):
    header = "编码,名称,层级,上级编码"
    lines = ["370114,章丘区,区级,", "370114001,明水街道,镇街,370114"]
    assert import_branches(table(*lines, header=header)).created == 2


def test_a_workbook_is_read_with_its_codes_as_numbers(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([])
    for line in (HEADER, "", *SMALL_TREE):
        book.active.append(
            [int(cell) if cell.isdigit() else cell for cell in line.split(",")]
        )
    book.save(tmp_path / "divisions.xlsx")
    assert import_branches(tmp_path / "divisions.xlsx").created == 3
    assert names()["370114001"] == "明水街道妇联"


def test_lines_of_a_workbook_are_numbered_as_excel_numbers_them(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([])
    for line in (HEADER, *SMALL_TREE, "370114001009,,village,370114001"):
        book.active.append(line.split(","))
    book.save(tmp_path / "divisions.xlsx")
    report = import_branches(tmp_path / "divisions.xlsx")
    assert report.refused == [(6, "名称是空的，请填写。")]


def test_a_workbook_that_would_kill_the_process_is_refused_with_a_sentence(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "code"
    book.active["XFD1048576"] = "far away"
    book.save(tmp_path / "divisions.xlsx")
    with pytest.raises(ValidationError, match="无法读取"):
        import_branches(tmp_path / "divisions.xlsx")


def test_missing_columns_are_named(table):
    path = table("370114,章丘区", header="code,name")
    with pytest.raises(ValidationError, match=r"“层级”（level）、“上级编码”（parent_"):
        import_branches(path)


def test_a_file_that_is_not_there_or_no_text_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ValidationError, match="找不到这个文件"):
        import_branches(tmp_path / "nowhere.csv")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xff")
    with pytest.raises(ValidationError, match="认不出文件的编码"):
        import_branches(tmp_path / "picture.csv")


def test_the_command_reports_what_it_did(table):
    out = StringIO()
    call_command("import_branches", str(table(*SMALL_TREE)), stdout=out)
    assert out.getvalue() == "新增 3，更新 0，未变 0。\n"


def test_the_command_prints_refused_lines_and_writes_nothing(table):
    path, errors = table(*SMALL_TREE, "370114001009,,village,370114001"), StringIO()
    with pytest.raises(CommandError, match="什么也没有写入"):
        call_command("import_branches", str(path), stderr=errors)
    assert errors.getvalue() == "第 5 行：名称是空的，请填写。\n"
    assert not Branch.objects.exists()


def test_the_command_skips_bad_lines_if_told_to(table):
    path, out = table(*SMALL_TREE, "370114001009,,village,370114001"), StringIO()
    options = {"skip_bad_lines": True, "stdout": out, "stderr": StringIO()}
    call_command("import_branches", str(path), **options)
    assert out.getvalue() == "新增 3，更新 0，未变 0，跳过 1。\n"
