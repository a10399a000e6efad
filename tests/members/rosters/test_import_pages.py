"""The pages of an import: whatever is sent, an answer in Chinese and no half import."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.imports import progress, runs
from federation.models import ImportRun
from members.models import Member, Post
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
def browser(client, street_reviewer):
    client.force_login(street_reviewer, "federation.auth.ScopeBackend")
    return client


def hand_in(browser, branch, content, name="名册.csv", **answers):
    return browser.post(
        reverse(START, args=["roster"]),
        {
            "branch": branch.pk,
            "file": SimpleUploadedFile(name, content),
            "starts_on": "2024-01-01",
            "ending": "resigned",
            **answers,
        },
        follow=True,
    )


def test_a_file_goes_from_the_upload_to_the_register(browser, community):
    page = hand_in(browser, community, books.csv([["姓名", "职务"], ["王芳", "主席"]]))
    run = ImportRun.objects.get()
    assert "确认导入 1 条" in page.content.decode()

    browser.post(reverse("admin:federation_importrun_confirm", args=[run.pk]))
    waiting = browser.get(run.get_absolute_url()).content.decode()
    runs.carry_out()
    done = browser.get(run.get_absolute_url()).content.decode()

    assert 'hx-trigger="every 2s"' in waiting
    assert 'hx-trigger="every 2s"' not in done
    assert "新增 1 条" in done
    assert Post.objects.get().member.name == "王芳"


def test_the_bar_shows_a_figure_only_where_one_is_known(
    browser, community, street_reviewer
):
    hand_in(browser, community, books.csv([["姓名", "职务"], ["王芳", "主席"]]))
    run = ImportRun.objects.get()
    runs.confirm(run, street_reviewer)

    assert "value=" not in bar(browser.get(run.get_absolute_url()))
    progress.tell(run.pk, 1, 4)
    assert 'value="25"' in bar(browser.get(run.get_absolute_url()))


def bar(answer) -> str:
    return answer.content.decode().partition("<progress")[2].partition(">")[0]


def test_a_file_that_is_none_is_refused_beside_the_question(browser, community):
    page = hand_in(browser, community, b"", name="a.xlsx").content.decode()
    assert "这个文件是空的" in page

    page = hand_in(browser, community, books.csv([["通知"], ["请上报"]]))
    assert "没有找到名册" in page.content.decode()
    assert not ImportRun.objects.exists()


def test_what_was_not_offered_is_no_answer(browser, community, sister_community):
    hand_in(browser, community, books.csv([["村", "姓名"], ["某村", "王芳"]]))
    run = ImportRun.objects.get()
    page = reverse("admin:federation_importrun_answer", args=[run.pk])

    browser.post(page, {"word-0": sister_community.code, "word-7": "-"})

    run.refresh_from_db()
    assert (run.answers, run.question_count) == ({}, 1)


def test_a_register_that_does_not_exist_is_not_found(browser, db):
    assert browser.get(reverse(START, args=["cats"])).status_code == 404


def test_a_preview_shows_no_phone_whole(browser, community):
    rows = [["姓名", "职务", "手机"], ["王芳", "主席", "13800138001"]]
    hand_in(browser, community, books.csv(rows))
    runs.confirm(ImportRun.objects.get(), ImportRun.objects.get().made_by)
    runs.carry_out()
    rows[1][2] = "13900139002"

    page = hand_in(browser, community, books.csv(rows)).content.decode()

    assert "138****8001 → 139****9002" in page
    assert "13900139002" not in page


@SHARED
@given(st.binary(max_size=600))
def test_random_files_are_answered(browser, community, content):
    assert hand_in(browser, community, content).status_code == 200
    assert Post.objects.count() == 0


words = st.sampled_from(
    ["王芳", "李英", "主席", "执委", "村长", "1985.3", "1899", "13800138001", "本科"]
    + ["明一社区", "370114001001", "是", "2024.5", "370181198503120000", "", "汉", "女"]
)
cells = words | st.text(max_size=12) | st.floats(allow_nan=False, width=32)
titles = st.sampled_from(
    [
        "姓名",
        "职务",
        "出生年月",
        "手机",
        "村",
        "任职时间",
        "卸任日期",
        "卸任原因",
        "得票",
    ]
    + ["民族", "学历", "政治面貌", "是否网格员", "兼任", "备注", "身份证号"]
)


@SHARED
@given(
    header=st.lists(titles, min_size=2, max_size=8),
    rows=st.lists(st.lists(cells, max_size=8), max_size=8),
    is_complete=st.booleans(),
)
def test_random_tables_are_taken_in_whole_or_not_at_all(
    browser, community, header, rows, is_complete
):
    quoted = [
        ['"' + str(cell).replace('"', '""') + '"' for cell in row] for row in rows
    ]
    content = books.csv([["姓名", *header], *quoted], "utf-8")
    before = Post.objects.count(), Member.objects.count()
    answers = {"is_complete": "on"} if is_complete else {}
    newest = ImportRun.objects.order_by("pk").last()

    assert hand_in(browser, community, content, **answers).status_code == 200

    run = ImportRun.objects.order_by("pk").last()
    if run == newest:
        return
    assert (Post.objects.count(), Member.objects.count()) == before
    browser.post(reverse("admin:federation_importrun_confirm", args=[run.pk]))
    runs.carry_out()
    run.refresh_from_db()
    began = Post.objects.count() - before[0]
    assert began == (run.create_count if run.is_done else 0)
    if run.is_done:
        runs.undo(run, run.made_by)
        assert (Post.objects.count(), Member.objects.count()) == before
