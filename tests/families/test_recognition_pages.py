"""The board of a batch, the lists to tick, the page of one recognition, the first
page's lines."""

import re
from datetime import date

import pytest

from families import recognition
from families.admin.batches import applying
from families.models import Batch, Inspection, Recognition, Standard
from families.models.choices import Act, Stage
from federation.months import local_today
from tests.factories import BatchFactory, HouseholdFactory
from tests.families.conftest import DAYS, go_through, look_at, look_at_village
from tests.families.test_villages import counted

BATCHES = "/admin/families/batch/"
RECOGNITIONS = "/admin/families/recognition/"


def page_of(answer) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def board(batch, branch=None, page="board") -> str:
    query = f"?branch={branch.pk}" if branch else ""
    return f"{BATCHES}{batch.pk}/{page}/{query}"


# The board ---------------------------------------------------------------------------


def test_the_board_counts_by_place_and_offers_the_next_step(
    as_user, office, batch, households, street
):
    go_through(office, batch, Act.ASSESS, households=households)

    seen = page_of(as_user("district").get(board(batch)))
    assert "明水街道 村初评 3" in seen
    assert "还没有申报的 1 个 双山街道" in seen
    of_street = page_of(as_user("street").get(board(batch)))
    assert "明一社区 村初评 3" in of_street
    assert "街道复核通过 3" in of_street
    assert "双山" not in of_street
    of_village = page_of(as_user("village").get(board(batch)))
    assert "明一社区合计 村初评 3" in of_village
    assert "街道复核通过" not in of_village


def test_the_board_costs_the_same_for_any_number(
    as_user, office, batch, households, django_assert_max_num_queries
):
    go_through(office, batch, Act.ASSESS, households=households)
    client = as_user("district")
    client.get(board(batch))
    with django_assert_max_num_queries(12):
        client.get(board(batch))


def test_a_village_sees_the_batch_it_takes_part_in_and_no_foreign_one(
    as_user, office, batch, sister_street
):
    foreign = BatchFactory(branch=sister_street, name="双山街道批次")
    client = as_user("village")

    listed = page_of(client.get(BATCHES))
    assert batch.name in listed
    assert "双山街道批次" not in listed
    assert client.get(board(foreign)).status_code == 404
    assert client.get(board(batch, sister_street)).status_code == 404
    assert client.get(f"{BATCHES}999999999999999999999/board/").status_code == 404


def test_the_list_names_each_batch_and_opens_its_board(as_user, batch):
    # A phone shows each column's title beside it: the first one is no box to tick.
    page = as_user("village").get(BATCHES).text

    assert f'href="{board(batch)}' in page
    assert 'data-label="批次名称"' in page
    assert "选择这条记录" not in page


def test_a_refusal_of_the_day_stands_above_a_long_list(as_user, batch, households):
    village = households[0].branch
    answers = {"branch": village.pk, "chosen": households[0].pk, "on": "2026-06-02"}

    page = as_user("village").post(f"{BATCHES}{batch.pk}/apply/", answers).text

    refused = "请报下一批"
    assert 0 < page.index(refused) < page.index("1 号户") < page.rindex(refused)


def test_a_street_is_decided_on_one_page(as_user, office, batch, households, street):
    go_through(office, batch, Act.ASSESS, households=households)
    ask = f"{BATCHES}{batch.pk}/advance/"
    client = as_user("street")
    asked = page_of(client.get(ask, {"act": "review", "branch": street.pk}))
    assert "街道复核通过（3 个）" in asked

    answers = {"act": "review", "branch": street.pk, "on": "2026-04-20"}
    answer = client.post(ask, answers)

    assert answer.headers["Location"] == board(batch, street)
    assert batch.recognitions.filter(stage=Stage.REVIEWED).count() == 3


def test_a_refusal_keeps_the_date_and_names_who(
    as_user, office, batch, households, street
):
    go_through(office, batch, Act.ASSESS, households=households)
    look_at(office.street, households[1], date(2026, 4, 1), missing=20)
    answers = {"act": "review", "branch": street.pk, "on": "2026-04-20"}

    answer = as_user("street").post(f"{BATCHES}{batch.pk}/advance/", answers)

    assert "没有达到示范线：明一社区 2 号户。" in page_of(answer)
    assert 'value="2026-04-20"' in answer.content.decode()
    assert not batch.recognitions.filter(stage=Stage.REVIEWED).exists()


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"act": "nonsense", "branch": "1"},
        {"act": "review", "branch": "x\x00"},
        {"act": "review", "branch": "9" * 40},
    ],
)
def test_nonsense_is_not_found_and_no_error(as_user, batch, answers):
    page = f"{BATCHES}{batch.pk}/advance/"

    assert as_user("street").post(page, answers).status_code == 404
    assert as_user("street").get(page, answers).status_code == 404


@pytest.mark.parametrize("day", ["", "昨天", "0206-03-08", "2999-01-01", "x\x00"])
def test_an_impossible_date_is_asked_again(
    as_user, office, batch, households, street, day
):
    go_through(office, batch, Act.ASSESS, households=households)
    answers = {"act": "review", "branch": street.pk, "on": day}

    answer = as_user("street").post(f"{BATCHES}{batch.pk}/advance/", answers)

    assert "entry-error" in answer.content.decode()
    assert not batch.recognitions.filter(stage=Stage.REVIEWED).exists()


# Lists to tick


def test_ticked_rows_go_on_and_the_others_stay(as_user, office, batch, households):
    rows = go_through(office, batch, Act.APPLY, households=households)
    page = board(batch, page="rows")
    client = as_user("village")
    listed = page_of(client.get(page, {"stage": "applied"}))
    assert f"1 号户 {households[0].contact_name}" in listed
    assert "2026-03-02 评 100 分" in listed

    answers = {"stage": "applied", "act": "assess", "on": "2026-03-20"}
    client.post(page, answers | {"rows": [rows[0].pk, rows[2].pk]})
    stages = [row.stage for row in batch.recognitions.order_by("pk")]
    assert stages == [Stage.ASSESSED, Stage.APPLIED, Stage.ASSESSED]

    refused = answers | {"rows": [rows[1].pk], "_refuse": "1", "reason": ""}
    answer = client.post(page, refused)
    assert "请写明原因" in page_of(answer)
    assert re.search(rf'value="{rows[1].pk}"\s+checked', answer.content.decode())
    client.post(page, refused | {"reason": "自己放弃"})
    rows[1].refresh_from_db()
    assert rows[1].stage == Stage.REFUSED


def test_rows_of_others_cannot_be_ticked(as_user, office, batch, households):
    rows = go_through(office, batch, Act.ASSESS, households=households)
    page = board(batch, page="rows")
    answers = {"stage": "assessed", "act": "review", "on": "2026-04-20"}

    answer = as_user("sister").post(page, answers | {"rows": [rows[0].pk]})
    assert "名单有变动" in page_of(answer)
    answer = as_user("village").post(page, answers | {"rows": [rows[0].pk]})
    assert answer.status_code == 403
    for nothing in ({}, {"rows": ["x\x00"]}, {"rows": ["9" * 40]}):
        assert as_user("street").post(page, answers | nothing).status_code == 200
    assert not batch.recognitions.filter(stage=Stage.REVIEWED).exists()


# Applying


def test_those_that_reach_the_standard_are_ticked_already(
    as_user, office, batch, households, community
):
    HouseholdFactory(branch=community, number=9)
    look_at(office.village, households[1], date(2026, 3, 5), missing=20)
    client = as_user("village")

    page = client.get(board(batch, page="apply")).content.decode()
    ticked = [
        household.number
        for household in households
        if re.search(rf'value="{household.pk}"\s+checked', page)
    ]
    assert ticked == [1, 3]
    assert "9 号户" in page

    chosen = {"chosen": [households[0].pk], "on": "2026-03-10"}
    client.post(board(batch, page="apply"), chosen)
    assert [row.household for row in batch.recognitions.all()] == [households[0]]
    assert f'value="{households[0].pk}"' not in client.get(
        board(batch, page="apply")
    ).content.decode().split("办理日期")[0].replace("branch", "")


def test_of_a_long_list_those_worth_it_are_offered_first(
    as_user, office, batch, community, monkeypatch
):
    monkeypatch.setattr(applying, "MOST_SHOWN", 2)
    rows = [HouseholdFactory(branch=community, number=n) for n in range(1, 5)]
    look_at(office.village, rows[3])

    page = as_user("village").get(f"{BATCHES}{batch.pk}/apply/")

    assert [line.number for line in page.context["lines"]] == [4, 1]
    assert page.context["has_more"]


def test_the_street_chooses_the_village_first(as_user, batch, households):
    assert "明一社区" in page_of(as_user("street").get(board(batch, page="apply")))


def test_villages_are_proposed_with_their_numbers(
    as_user, office, recognised, community, village_batch
):
    counted(community, 6)
    look_at_village(office.street, community, date(2026, 7, 1))
    client = as_user("street")

    listed = page_of(client.get(board(village_batch, page="apply")))
    assert "示范户 3 ÷ 常住庭院 6 户（2025-12-31）＝ 50" in listed
    answers = {"chosen": [community.pk], "on": "2026-07-10"}
    client.post(board(village_batch, page="apply"), answers)

    assert village_batch.recognitions.get().branch == community


# One recognition


def test_what_becomes_of_one(as_user, office, recognised, households):
    page = f"{RECOGNITIONS}{recognised[0].pk}/change/"
    client = as_user("street")
    shown = page_of(client.get(page))
    assert "2026-06-10 区认定" in shown
    assert "整改合格" not in shown

    answers = {"on": "2026-09-01", "mend_by": "2026-10-01", "reason": "院里堆柴"}
    client.post(page, answers | {"act": "warn"})
    recognised[0].refresh_from_db()
    assert recognised[0].mend_by == date(2026, 10, 1)
    answer = client.post(page, {"act": "mend", "on": "2026-09-10"})
    assert "还没有回访评比" in page_of(answer)
    look_at(office.street, households[0], date(2026, 9, 5), kind="revisit")
    client.post(page, {"act": "mend", "on": "2026-09-10"})
    client.post(page, {"act": "renew", "on": "2026-09-11"})
    recognised[0].refresh_from_db()
    assert recognised[0].review_due_on == date(2027, 9, 11)
    answer = client.post(page, {"act": "revoke", "on": "2026-09-12", "reason": ""})
    assert "请写明原因" in page_of(answer)
    client.post(page, {"act": "revoke", "on": "2026-09-12", "reason": "整改不到位"})
    recognised[0].refresh_from_db()
    assert recognised[0].stage == Stage.REVOKED
    assert "整改不到位" in page_of(client.get(page))


def test_many_are_renewed_from_the_list(as_user, office, recognised, households):
    for household in households:
        look_at(office.street, household, date(2026, 8, 20), kind="town")
    chosen = {
        "action": "renew_selected",
        "_selected_action": [row.pk for row in recognised[:2]],
    }

    as_user("street").post(RECOGNITIONS, chosen)

    due = Recognition.objects.filter(review_due_on__gt=date(2027, 7, 1))
    assert due.count() == 2
    assert "认定经过" not in page_of(as_user("village").get(RECOGNITIONS))


@pytest.mark.parametrize(
    ("todo", "number"), [("", 3), ("due", 0), ("mending", 1), ("overdue", 1)]
)
def test_the_list_asks_what_is_to_do(as_user, office, recognised, todo, number):
    rows = Recognition.objects.filter(pk=recognised[0].pk)
    recognition.warn(office.street, rows, date(2026, 9, 1), date(2026, 9, 9), "堆柴")

    page = as_user("street").get(RECOGNITIONS, {"todo": todo} if todo else {})

    assert len(page.context["cl"].result_list) == number


def test_the_first_page_says_what_waits_for_her(as_user, office, batch, households):
    go_through(office, batch, Act.ASSESS, households=households)
    assert "待街道复核 3" in page_of(as_user("street").get("/admin/"))
    assert "待街道复核" not in page_of(as_user("village").get("/admin/"))
    assert "待街道复核" not in page_of(as_user("sister").get("/admin/"))


def test_the_first_page_says_what_is_overdue(as_user, office, recognised):
    rows = Recognition.objects.filter(pk=recognised[0].pk)
    recognition.warn(office.street, rows, date(2026, 9, 1), date(2026, 9, 9), "堆柴")
    Recognition.objects.filter(pk=recognised[1].pk).update(
        review_due_on=date(2026, 11, 1)
    )

    seen = page_of(as_user("street").get("/admin/"))

    assert local_today() > date(2026, 11, 1)
    assert "复核到期 1" in seen
    assert "整改到期 1" in seen


# Inspections


def test_a_street_records_its_look_at_a_village(as_user, office, community, street):
    record = "/admin/families/inspection/record/"
    client = as_user("street")
    listed = page_of(client.get(record))
    assert "明一社区" in listed
    assert "赵家庄" not in listed
    page = client.get(record, {"branch": community.pk})
    assert "出彩人家示范村标准" in page_of(page)
    assert client.get(record, {"branch": street.pk}).status_code == 404

    criteria = Standard.objects.get(subject="village").criteria.filter(is_veto=False)
    answers = {f"score_{one.pk}": one.weight for one in criteria}
    answers |= {"branch": community.pk, "kind": "town", "inspected_on": "2026-07-01"}
    answers |= {"client_token": "4b0c0f4e-6f0b-4b0e-9b0a-1c2d3e4f5a6b"}
    over = {f"score_{criteria[0].pk}": "31", "remark": "主街整洁"}
    refused = client.post(record, answers | over).content.decode()
    assert "主街整洁" in refused
    assert not Inspection.objects.exists()
    answer = client.post(record, answers)
    row = Inspection.objects.get()
    assert (row.points, row.kind, row.household) == (100, "town", None)
    shown = page_of(client.get(answer.headers["Location"]))
    assert "村容整洁 30 / 30 分" in shown
    assert as_user("village").get(answer.headers["Location"]).status_code == 200
    assert as_user("sister").get(answer.headers["Location"]).status_code == 302


# Standards

STANDARDS = "/admin/families/standard/"


def lines(*weights, **more) -> dict:
    found = {"criteria-TOTAL_FORMS": len(weights), "criteria-INITIAL_FORMS": 0}
    for place, weight in enumerate(weights):
        found |= {
            f"criteria-{place}-position": place,
            f"criteria-{place}-name": f"项目{place}",
            f"criteria-{place}-weight": weight,
        }
    return found | more


NEW = {
    "subject": "household",
    "name": "新标准",
    "applies_from": "2027-01-01",
    "model_mark": "85",
    "fair_mark": "70",
    "review_after": "12",
}


def test_weights_add_up_to_a_hundred(as_user):
    client = as_user("district")

    answer = client.post(f"{STANDARDS}add/", NEW | lines(40, 50))
    assert "各项分值合计应为 100 分，现在是 90 分，请调整。" in page_of(answer)
    client.post(f"{STANDARDS}add/", NEW | lines(40, 60))

    assert Standard.objects.filter(name="新标准").count() == 1


def test_what_was_used_is_copied_and_not_changed(as_user, households):
    used = Standard.objects.get(subject="household")
    page = f"{STANDARDS}{used.pk}/change/"
    client = as_user("district")

    assert client.post(page, NEW | lines(100)).status_code == 403
    copied = client.get(f"{STANDARDS}add/?copy={used.pk}").content.decode()
    assert copied.count('value="出彩人家示范户标准"') == 1
    for name in ("庭院整洁", "居室整洁", "厨厕卫生", "绿化布局", "家风文明"):
        assert f'value="{name}"' in copied
    # Its unchanged lines are kept as well.
    client.post(f"{STANDARDS}add/?copy={used.pk}", NEW | lines(40, 60))
    assert Standard.objects.get(name="新标准").criteria.count() == 2
    assert client.get(f"{STANDARDS}add/?copy=x").status_code == 200


def test_nobody_is_judged_backwards(as_user, households):
    back = NEW | {"applies_from": "2026-01-01"} | lines(100)

    answer = as_user("district").post(f"{STANDARDS}add/", back)

    assert "把执行日期往后改" in page_of(answer)


def test_a_batch_that_has_rows_keeps_its_subject(as_user, office, batch, households):
    go_through(office, batch, Act.APPLY, households=households)
    answers = {
        "name": "改名批次",
        "subject": "village",
        "opened_on": "2026-03-01",
        "published_from": "2026-06-02",
        "published_until": "2026-06-01",
    }
    page = f"{BATCHES}{batch.pk}/change/"
    client = as_user("district")

    assert "止日不能早于起日" in page_of(client.post(page, answers))
    client.post(page, answers | {"published_until": "2026-06-09"})
    found = Batch.objects.get(pk=batch.pk)
    assert (found.name, found.subject) == ("改名批次", "household")


def test_days_of_the_conftest_are_in_order():
    assert list(DAYS.values()) == sorted(DAYS.values())
