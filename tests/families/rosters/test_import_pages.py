"""The pages of an import of households: whatever is sent, an answer in Chinese and no
half import."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from families.models import Household
from families.rosters.columns import TITLES
from federation.imports import runs
from federation.models import ColumnMeaning, ImportRun
from tests.factories import HouseholdFactory
from tests.federation.imports import books

pytestmark = pytest.mark.django_db

START = "admin:federation_importrun_start"
# The database is rolled back after the whole test, and each example adds to it.
SHARED = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def browser(client, village_clerk):
    client.force_login(village_clerk, "federation.auth.ScopeBackend")
    return client


def hand_in(browser, branch, content, name="户表.csv", **answers):
    return browser.post(
        reverse(START, args=["households"]),
        {"branch": branch.pk, "file": SimpleUploadedFile(name, content), **answers},
        follow=True,
    )


def test_a_village_brings_its_file_from_the_list_into_the_register(browser, community):
    listed = browser.get("/admin/families/household/").content.decode()
    assert "导入名册" in listed
    page = hand_in(browser, community, books.csv([["户主", "门牌"], ["王芳", "7号"]]))
    assert "确认导入 1 条" in page.content.decode()
    run = ImportRun.objects.get()

    browser.post(reverse("admin:federation_importrun_confirm", args=[run.pk]))
    runs.carry_out()
    done = browser.get(run.get_absolute_url()).content.decode()

    assert "新增 1 条" in done
    assert Household.objects.get().contact_name == "王芳"


def test_a_file_that_is_none_is_refused_beside_the_question(browser, community):
    page = hand_in(browser, community, books.csv([["通知"], ["请上报"]]))

    assert "没有找到家庭户名册" in page.content.decode()
    assert not ImportRun.objects.exists()


def test_a_preview_shows_no_phone_whole(browser, community):
    HouseholdFactory(
        branch=community, number=1, contact_name="王芳", phone="13800138001"
    )
    rows = [["户号", "户主", "手机"], ["1", "王芳", "13900139002"]]

    page = hand_in(browser, community, books.csv(rows)).content.decode()

    assert "138****8001 → 139****9002" in page
    assert "13900139002" not in page


@SHARED
@given(st.binary(max_size=600))
def test_random_files_are_answered(browser, community, content):
    assert hand_in(browser, community, content).status_code == 200
    assert Household.objects.count() == 0


words = st.sampled_from(
    ["王芳", "李英", "三组", "第三村民小组", "7号", "合计", "小计 3 户", "明一社区"]
    + ["370114001001", "370114002001", "赵家庄", "1", "2", "０３", "99999999999", "0"]
    + ["13800138001", "有", "无", "常住", "空置", "370181198503120000", "", "\x00"]
)
cells = words | st.text(max_size=12) | st.floats(allow_nan=False, width=32)
titles = st.sampled_from(
    ["户主", "姓名", "联系人", "户号", "编号", "序号", "村组", "组", "门牌", "住址"]
    + ["手机", "庭院", "居住情况", "是否空置", "村", "备注", "身份证号", ""]
)


@SHARED
@given(
    header=st.lists(titles, min_size=2, max_size=8),
    rows=st.lists(st.lists(cells, max_size=8), max_size=8),
    kind=st.sampled_from(["csv", "xlsx"]),
    meant=st.lists(st.sampled_from([*TITLES.labels, ""]), max_size=4),
)
def test_random_tables_are_taken_in_whole_or_not_at_all(
    browser, community, header, rows, kind, meant
):
    before = set(Household.objects.values_list("branch_id", "number", "contact_name"))
    newest = ImportRun.objects.order_by("pk").last()
    content = book_of(kind, [["户主", *header], *rows])

    answer = hand_in(browser, community, content, f"户表.{kind}")

    assert answer.status_code == 200
    run = ImportRun.objects.order_by("pk").last()
    if run == newest:
        return
    if meant:
        told = {f"column-{number}": column for number, column in enumerate(meant)}
        corrected = reverse("admin:federation_importrun_columns", args=[run.pk])
        assert browser.post(corrected, told, follow=True).status_code == 200
        ColumnMeaning.objects.all().delete()
    stored = Household.objects.values_list("branch_id", "number", "contact_name")
    assert set(stored) == before
    browser.post(reverse("admin:federation_importrun_confirm", args=[run.pk]))
    runs.carry_out()
    run.refresh_from_db()
    came = Household.objects.count() - len(before)
    assert came == (run.create_count if run.is_done else 0)
    assert set(Household.objects.values_list("branch_id", flat=True)) <= {community.pk}
    if run.is_done:
        runs.undo(run, run.made_by)
        assert set(stored.all()) == before


def book_of(kind: str, rows) -> bytes:
    if kind == "csv":
        quoted = [
            ['"' + str(cell).replace('"', '""') + '"' for cell in row] for row in rows
        ]
        return books.csv(quoted, "utf-8")
    plain = [
        [
            "".join(c for c in cell if c.isprintable())
            if isinstance(cell, str)
            else cell
            for cell in row
        ]
        for row in rows
    ]
    return books.xlsx({"户表": plain})
