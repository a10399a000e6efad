"""The register leaves the site for a purpose, for somebody, and noted."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from federation.models import Disclosure
from tests.factories import MemberFactory, PostFactory, TermFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/members/member/export/"
PHONE = "13812341234"


@pytest.fixture
def post(community):
    member = MemberFactory(
        name="李秀英",
        branch=community,
        phone=PHONE,
        birth_month=date(1985, 3, 1),
        education="bachelor",
        work_unit="=明一社区",
    )
    term = TermFactory(branch=community, number=12)
    return PostFactory(member=member, term=term, title="chair")


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def answers(branch, **changes):
    return {
        "branch": branch.pk,
        "on": "2025-06-01",
        "purpose": "2026 年三八节慰问",
        "recipient": "区妇联办公室王主任",
        **changes,
    }


def rows_of(answer):
    content = b"".join(answer.streaming_content)
    sheet = load_workbook(BytesIO(content)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_file_holds_who_was_in_post_on_the_day(office, post, street):
    PostFactory(member=MemberFactory(branch=post.branch), started_on=date(2025, 6, 2))

    header, line = rows_of(office.post(PAGE, answers(street)))

    row = dict(zip(header, line, strict=True))
    assert (row["姓名"], row["妇联职务"], row["届次"]) == ("李秀英", "主席", 12)
    assert (row["组织编码"], row["出生年月"]) == ("370114001001", "1985-03")
    assert row["学历"] == "本科"


def test_phones_are_masked_unless_asked_for(office, post, street):
    masked = rows_of(office.post(PAGE, answers(street)))
    whole = rows_of(office.post(PAGE, answers(street, with_phones="on")))

    assert PHONE not in str(masked)
    assert "138****1234" in str(masked)
    assert PHONE in str(whole)


def test_every_export_is_noted(office, post, street, street_reviewer):
    office.post(PAGE, answers(street, with_phones="on"))

    noted = Disclosure.objects.get()
    assert (noted.act, noted.user, noted.branch) == (
        "exported",
        street_reviewer,
        street,
    )
    assert (noted.purpose, noted.recipient) == (
        "2026 年三八节慰问",
        "区妇联办公室王主任",
    )
    assert "2025-06-01 在任，含完整手机号" in noted.selection
    assert noted.rows == 1


@pytest.mark.parametrize("missing", ["purpose", "recipient", "branch", "on"])
def test_nothing_leaves_without_purpose_and_recipient(office, post, street, missing):
    answer = office.post(PAGE, answers(street) | {missing: ""})

    [sentence] = answer.context["form"].errors[missing]
    assert sentence in answer.content.decode()
    assert not Disclosure.objects.exists()


def test_a_sister_street_is_not_exported(office, post, sister_street):
    answer = office.post(PAGE, answers(sister_street))

    assert answer["Content-Type"].startswith("text/html")
    assert not Disclosure.objects.exists()


def test_a_note_is_never_changed(office, post, street):
    office.post(PAGE, answers(street))
    noted = Disclosure.objects.get()
    noted.purpose = "别的"

    for change in (
        noted.save,
        noted.delete,
        Disclosure.objects.all().delete,
        lambda: Disclosure.objects.update(purpose=""),
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()


def test_the_auditor_reads_who_opened_what(client, office, auditor, post):
    office.get(f"/admin/members/member/{post.member_id}/change/")
    client.force_login(auditor)

    page = client.get("/admin/federation/disclosure/").content.decode()

    assert "查看" in page
    assert f"人员（记录号 {post.member_id}）" in page
