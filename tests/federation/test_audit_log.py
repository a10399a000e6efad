"""The log of every change: of one row and of many, with whose change it was, and
without a phone number."""

import json
from datetime import date

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from activities import review
from activities.models import Activity, ActivityPhoto, ReviewRound
from federation.models import Chapter, User
from federation.redaction import masked, without_phones
from members.models import Member
from tests.factories import (
    ActivityFactory,
    ChapterFactory,
    MemberFactory,
    PhotoFactory,
    UserFactory,
)
from tests.permissions.world import BACKEND

pytestmark = pytest.mark.django_db

PHONE, OTHER = "13812345678", "15987654321"


def entries(model):
    content_type = ContentType.objects.get_for_model(model)
    return LogEntry.objects.filter(content_type=content_type).order_by("pk")


def changes_of(model) -> list[dict]:
    return [entry.changes for entry in entries(model)]


def everything_logged() -> str:
    return json.dumps(list(LogEntry.objects.values()), default=str, ensure_ascii=False)


# A person's phone


def save_one(branch):
    member = MemberFactory(branch=branch, phone=PHONE)
    member.phone = OTHER
    member.save()
    member.phone = ""
    member.save()


def update_many(branch):
    MemberFactory(branch=branch)
    Member.objects.update(phone=PHONE)
    Member.objects.update(phone=OTHER)


def create_many(branch):
    Member.objects.bulk_create(
        [Member(name="甲", branch=branch, phone=p) for p in (PHONE, OTHER)]
    )


def update_each(branch):
    members = [MemberFactory(branch=branch), MemberFactory(branch=branch)]
    for member, phone in zip(members, (PHONE, OTHER), strict=True):
        member.phone = phone
    Member.objects.bulk_update(members, ["phone"])


def delete_all(branch):
    MemberFactory(branch=branch, phone=PHONE)
    Member.objects.all().delete()


@pytest.mark.parametrize(
    "write", [save_one, update_many, create_many, update_each, delete_all]
)
def test_a_changed_phone_is_told_and_its_number_is_not(community, write):
    write(community)

    told = [changes["phone"] for changes in changes_of(Member) if "phone" in changes]
    assert told
    assert {part for change in told for part in change} <= {"***", "", "None"}
    for number in (PHONE, OTHER):
        assert number not in everything_logged()
        assert number[3:7] not in "".join(map(str, changes_of(Member)))


# A phone in a text


@pytest.mark.parametrize(
    "text",
    [
        f"报名电话{PHONE}，请提前联系",
        "报名 138 1234 5678 王主任",
        "报名：138-1234-5678",
        "微信同号+8613812345678",
        "全角１３８１２３４５６７８",
    ],
)
def test_a_number_in_a_text_stays_out_of_the_log(community, programme, text):
    activity = ActivityFactory(branch=community, programme=programme, summary=text)
    Activity.objects.update(title=text[:40])
    Activity.objects.bulk_create(
        [
            Activity(
                title=text,
                branch=community,
                programme=programme,
                starts_on=date(2026, 3, 8),
                ends_on=date(2026, 3, 8),
            )
        ]
    )
    activity.refresh_from_db()
    author = UserFactory(branch=community, is_superuser=True)
    review.submit(activity, author)
    review.withdraw(activity, author, text)

    assert ReviewRound.objects.get().submitted["summary"] == text
    logged = everything_logged()
    assert "（手机号）" in logged
    for number in (PHONE, "12345678", "1234 5678", "1234-5678", "１２３４５６７８"):
        assert number not in logged


@pytest.mark.parametrize(
    "text", ["参加 12345678901 人次", "编号 370114001001", "2026-03-08 至 2026-03-10"]
)
def test_what_is_no_phone_number_stays_as_it_is(text):
    assert without_phones(text) == text


# Every change


def test_who_consented_is_masked_in_single_and_in_bulk(community):
    photo = PhotoFactory(activity__branch=community)
    photo.consent_by, photo.consent_form = "孙秀兰", "written"
    photo.consent_on = date(2026, 3, 1)
    photo.save()
    ActivityPhoto.objects.update(consent_by="孙玉兰")

    told = [c["consent_by"] for c in changes_of(ActivityPhoto) if "consent_by" in c]
    assert told[-2:] == [["", "***"], ["***", "***"]]


def test_a_new_password_is_told_and_its_hash_is_not(village_clerk):
    village_clerk.set_password("another horse battery staple")
    village_clerk.save()

    assert changes_of(User)[-1]["password"] == ["***", "***"]
    assert village_clerk.password not in everything_logged()


@pytest.mark.parametrize(
    "write",
    [
        lambda: Chapter.objects.update(position=7),
        lambda: Chapter.objects.bulk_create([Chapter(slug="new", name="新板块")]),
        lambda: Chapter.objects.filter(slug="ideas").delete(),
        lambda: Chapter.objects.create(slug="newer", name="更新的板块"),
    ],
    ids=["update", "bulk_create", "delete", "create"],
)
def test_each_way_of_writing_leaves_one_entry_per_row(write):
    ChapterFactory(slug="ideas")
    before = entries(Chapter).count()
    touched = write()

    count = touched if isinstance(touched, int) else 1
    assert entries(Chapter).count() == before + count


def test_a_bulk_entry_knows_who_and_from_where(district_admin, programme):
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.force_login(district_admin, BACKEND)
    page = reverse("admin:federation_chapter_change", args=[programme.chapter_id])
    client.post(
        page,
        {"name": "改名", "slug": "ideas", "colour": "gold", "position": "1"},
        headers={"x-forwarded-for": "198.51.100.1", "x-correlation-id": "x" * 300},
    )

    entry = entries(Chapter).last()
    assert entry.changes["name"][1] == "改名"
    assert (entry.actor, entry.remote_addr) == (district_admin, "203.0.113.7")
    assert entry.cid is None


def test_nothing_is_registered_with_a_number_in_the_open():
    """A field that sounds like a phone is masked or left out, in every model."""
    spoken = {
        f"{model._meta.label}.{field.name}"
        for model in auditlog.get_models()
        for field in model._meta.concrete_fields
        if any(
            word in field.name for word in ("phone", "mobile", "contact", "password")
        )
        and field.name not in auditlog.get_model_fields(model)["mask_fields"]
        and field.name not in auditlog.get_model_fields(model)["exclude_fields"]
    }

    # Whether it must be changed is a yes or no.
    assert spoken == {"federation.User.must_change_password"}


def test_a_mask_says_that_there_was_something():
    assert (masked(PHONE), masked(""), masked("None")) == ("***", "", "None")
