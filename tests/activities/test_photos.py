"""Photos: what is kept is clean, and who may see it is asked each time."""

import uuid
import zlib
from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from activities import photos, review
from activities.models import Activity, ActivityPhoto
from federation import pictures
from tests.factories import ActivityFactory, PhotoFactory, PlanFactory

LIST = "/admin/activities/activity/"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def draft(community, village_clerk):
    return ActivityFactory(branch=community, recorded_by=village_clerk)


@pytest.fixture
def plan(community, village_clerk):
    return PlanFactory(branch=community, recorded_by=village_clerk)


def picture(size=(60, 40), kind="JPEG", mode="RGB", colour="red", **options):
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def upload(content=None, name="合影.jpg"):
    return SimpleUploadedFile(name, content or picture())


def stored_image(photo):
    with photo.image.open("rb") as file:
        image = Image.open(file)
        image.load()
        return image


# What is kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_format_becomes_a_jpeg(draft, village_clerk, kind):
    photo = photos.add(draft, village_clerk, upload(picture(kind=kind)), uuid.uuid4())
    assert stored_image(photo).format == "JPEG"


def test_a_photo_is_turned_and_its_exif_is_gone(draft, village_clerk):
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side: turn by 90 degrees
    exif[0x010F] = "华为"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    content = picture(size=(80, 40), exif=exif, comment=b"secret")
    photo = photos.add(draft, village_clerk, upload(content), uuid.uuid4())
    image = stored_image(photo)
    assert image.size == (40, 80)
    assert not image.getexif()
    assert "comment" not in image.info
    assert b"Exif" not in photo.image.open("rb").read()


def test_text_and_colours_hidden_in_a_png_are_gone(draft, village_clerk):
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Author", "王秀兰")
    content = picture(kind="PNG", mode="RGBA", colour=(0, 0, 0, 0), pnginfo=hidden)
    photo = photos.add(draft, village_clerk, upload(content), uuid.uuid4())
    image = stored_image(photo)
    assert "王秀兰".encode() not in photo.image.open("rb").read()
    assert min(image.getpixel((5, 5))) > 250  # see-through becomes white


def test_a_large_photo_is_shrunk_and_a_small_one_is_not(draft, village_clerk):
    large = photos.add(draft, village_clerk, upload(picture((3200, 800))), uuid.uuid4())
    small = photos.add(draft, village_clerk, upload(picture((300, 200))), uuid.uuid4())
    assert stored_image(large).size == (1600, 400)
    assert stored_image(small).size == (300, 200)


def test_its_path_tells_nothing(draft, village_clerk):
    photo = photos.add(draft, village_clerk, upload(name="身份证.jpg"), uuid.uuid4())
    assert photo.image.name == f"photos/{draft.pk}/{photo.key}.jpg"


# What is refused


def bomb(side):
    """A PNG whose head promises *side* × *side* pixels."""
    content = bytearray(picture(kind="PNG"))
    content[16:24] = side.to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"GIF89a" + b"\0" * 60, pictures.NO_PHOTO),
        (picture(kind="GIF"), pictures.NO_PHOTO),
        (picture(kind="BMP"), pictures.NO_PHOTO),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", pictures.NO_PHOTO),
        (b"%PDF-1.7", pictures.NO_PHOTO),
        (picture((400, 300))[:900], pictures.BROKEN),
        (picture(kind="PNG")[:60], pictures.BROKEN),
        (bomb(30_000), pictures.TOO_MANY_PIXELS),
        (bomb(8_000), pictures.TOO_MANY_PIXELS),
        (b"\xff\xd8\xff" + b"\0" * pictures.MOST_BYTES, pictures.TOO_BIG),
    ],
    ids=[
        "gif head",
        "gif",
        "bmp",
        "svg",
        "pdf",
        "cut",
        "cut png",
        "bomb",
        "small bomb",
        "11 MB",
    ],
)
def test_what_is_no_honest_photo_is_refused(draft, village_clerk, content, sentence):
    with pytest.raises(ValidationError) as refusal:
        photos.add(draft, village_clerk, upload(content), uuid.uuid4())
    assert refusal.value.messages == [sentence]
    assert not ActivityPhoto.objects.exists()


def test_the_tenth_is_refused(draft, village_clerk):
    for _ in range(9):
        photos.add(draft, village_clerk, upload(), uuid.uuid4())
    with pytest.raises(ValidationError, match="最多 9 张"):
        photos.add(draft, village_clerk, upload(), uuid.uuid4())
    assert len(default_storage.listdir(f"photos/{draft.pk}")[1]) == 9


def test_sent_twice_it_is_one_photo(draft, village_clerk):
    key = uuid.uuid4()
    first = photos.add(draft, village_clerk, upload(), key)
    assert photos.add(draft, village_clerk, upload(), key) == first
    assert draft.photos.count() == 1


def test_a_key_used_elsewhere_is_refused(draft, plan, village_clerk):
    key = uuid.uuid4()
    photos.add(draft, village_clerk, upload(), key)
    with pytest.raises(ValidationError, match="另一条活动"):
        photos.add(plan, village_clerk, upload(), key)


def test_who_may_not_change_the_record_adds_and_removes_none(
    draft, sister_reviewer, auditor
):
    photo = PhotoFactory(activity=draft)
    for user in (sister_reviewer, auditor):
        with pytest.raises(PermissionDenied):
            photos.add(draft, user, upload(), uuid.uuid4())
        with pytest.raises(PermissionDenied):
            photos.describe(photo, user, caption="改")
        with pytest.raises(PermissionDenied):
            photos.remove(photo, user)
    assert draft.photos.count() == 1
    assert len(default_storage.listdir(f"photos/{draft.pk}")[1]) == 1


# The file goes with the row


def test_removing_a_photo_removes_its_file(
    draft, village_clerk, django_capture_on_commit_callbacks
):
    photo = photos.add(draft, village_clerk, upload(), uuid.uuid4())
    with django_capture_on_commit_callbacks(execute=True):
        photos.remove(photo, village_clerk)
    assert default_storage.listdir(f"photos/{draft.pk}")[1] == []


def test_deleting_the_draft_removes_the_files(
    draft, village_clerk, django_capture_on_commit_callbacks
):
    photos.add(draft, village_clerk, upload(), uuid.uuid4())
    with django_capture_on_commit_callbacks(execute=True):
        review.discard(draft, village_clerk)
    assert default_storage.listdir(f"photos/{draft.pk}")[1] == []


# Approval


def test_a_clerks_late_photo_waits_and_asks_for_its_round(plan, village_clerk):
    photo = photos.add(plan, village_clerk, upload(), uuid.uuid4())
    plan.refresh_from_db()
    assert photo.approved_at is None
    assert plan.review == Activity.Review.SUBMITTED
    assert not ActivityPhoto.objects.public().exists()


def test_a_reviewers_photo_of_an_approved_record_is_out_at_once(plan, street_reviewer):
    photos.add(plan, street_reviewer, upload(), uuid.uuid4())
    plan.refresh_from_db()
    assert plan.review == Activity.Review.APPROVED
    assert ActivityPhoto.objects.public().exists()


def public_photo(plan):
    photo = PhotoFactory(activity=plan)
    photo.approved_at = plan.approved_at
    photo.save()
    return photo


def test_hiding_a_photo_takes_effect_at_once(plan, village_clerk):
    photo = public_photo(plan)
    photos.describe(photo, village_clerk, shows_minor=True)
    plan.refresh_from_db()
    assert not ActivityPhoto.objects.public().exists()
    assert plan.review == Activity.Review.APPROVED


def test_showing_more_than_was_approved_waits(plan, village_clerk, street_reviewer):
    photo = public_photo(plan)
    photos.describe(photo, village_clerk, caption="领奖的孩子")
    photo.refresh_from_db()
    assert photo.approved_at is None
    review.approve(plan, street_reviewer)
    photos.describe(photo, village_clerk, shows_minor=True)
    photos.describe(photo, village_clerk, shows_minor=False)
    assert not ActivityPhoto.objects.public().exists()


def test_a_recognisable_minor_needs_a_recorded_consent(plan, street_reviewer):
    photo = photos.add(plan, street_reviewer, upload(), uuid.uuid4(), shows_minor=True)
    assert not ActivityPhoto.objects.public().exists()
    with pytest.raises(ValidationError, match="三项"):
        photos.describe(photo, street_reviewer, consent_by="李女士")
    photos.describe(
        photo,
        street_reviewer,
        consent_by="李女士",
        consent_on=date(2026, 3, 1),
        consent_form="written",
    )
    assert ActivityPhoto.objects.public().exists()


def test_removing_the_last_photo_that_waits_ends_its_round(plan, village_clerk):
    photo = photos.add(plan, village_clerk, upload(), uuid.uuid4())
    photos.remove(photo, village_clerk)
    plan.refresh_from_db()
    assert plan.review == Activity.Review.APPROVED


# Serving


def address(photo):
    return f"/photos/{photo.key}.jpg"


@pytest.fixture
def hidden_photo(draft, village_clerk):
    return photos.add(draft, village_clerk, upload(), uuid.uuid4())


def test_a_public_photo_is_served_to_everybody(client, plan, street_reviewer):
    photo = photos.add(plan, street_reviewer, upload(), uuid.uuid4())
    answer = client.get(address(photo))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Image.open(BytesIO(answer.getvalue())).size == (60, 40)


def test_an_unchanged_photo_is_not_sent_again(client, plan, street_reviewer):
    photo = photos.add(plan, street_reviewer, upload(), uuid.uuid4())
    tag = client.get(address(photo))["ETag"]
    assert client.get(address(photo), headers={"If-None-Match": tag}).status_code == 304
    # Whether it may be seen is asked first.
    photos.describe(photo, street_reviewer, shows_minor=True)
    assert client.get(address(photo), headers={"If-None-Match": tag}).status_code == 404


def test_an_unapproved_photo_is_served_to_those_who_may_see_the_record(
    client, hidden_photo, village_clerk, street_reviewer, auditor
):
    assert client.get(address(hidden_photo)).status_code == 404
    for user in (village_clerk, street_reviewer, auditor):
        client.force_login(user)
        answer = client.get(address(hidden_photo))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"


def test_others_do_not_find_it(
    client, hidden_photo, sister_reviewer, staff_without_grant
):
    for user in (sister_reviewer, staff_without_grant):
        client.force_login(user)
        assert client.get(address(hidden_photo)).status_code == 404
    assert client.get(f"/photos/{uuid.uuid4()}.jpg").status_code == 404
    assert client.get(f"/media/{hidden_photo.image.name}").status_code == 404


def test_a_photo_whose_file_is_gone_is_not_found(client, plan, street_reviewer):
    photo = photos.add(plan, street_reviewer, upload(), uuid.uuid4())
    default_storage.delete(photo.image.name)
    assert client.get(address(photo)).status_code == 404


# The pages that take them


@pytest.fixture
def clerk(client, village_clerk):
    client.force_login(village_clerk)
    return client


def send(client, activity, **fields):
    fields.setdefault("image", upload())
    return client.post(f"{LIST}{activity.pk}/photos/", fields, **JSON)


def test_a_photo_is_sent_by_itself(clerk, draft):
    key = str(uuid.uuid4())
    answer = send(clerk, draft, key=key, shows_minor="1")
    told = answer.json()
    assert told["count"] == 1
    assert f"/photos/{key}.jpg" in told["html"]
    assert draft.photos.get().shows_minor
    again = send(clerk, draft, key=key)
    assert again.json()["count"] == 1


def test_a_refused_photo_is_told_and_the_text_stays(clerk, draft):
    answer = send(clerk, draft, image=upload(b"no photo at all"))
    assert answer.status_code == 400
    assert answer.json() == {"error": pictures.NO_PHOTO}
    missing = clerk.post(f"{LIST}{draft.pk}/photos/", {}, **JSON)
    assert missing.json() == {"error": "请先选一张照片。"}
    assert Activity.objects.exists()


def test_without_script_a_plain_form_sends_one(clerk, draft):
    answer = clerk.post(
        f"{LIST}{draft.pk}/photos/", {"image": upload(), "key": uuid.uuid4()}
    )
    assert answer.status_code == 302
    assert answer["Location"] == f"{LIST}{draft.pk}/change/#photos"
    page = clerk.get(answer["Location"])
    assert "照片已保存。" in page.content.decode()
    assert f"/photos/{draft.photos.get().key}.jpg" in page.content.decode()


def test_a_photo_is_described_and_removed_from_its_card(clerk, draft, hidden_photo):
    place = f"{LIST}{draft.pk}/photos/{hidden_photo.pk}/"
    refused = clerk.post(place, {"shows_minor": "on", "consent_by": "李女士"}, **JSON)
    assert "三项" in refused.json()["error"]
    clerk.post(place, {"caption": "签到现场", "shows_minor": "on"}, **JSON)
    hidden_photo.refresh_from_db()
    assert hidden_photo.caption == "签到现场"
    answer = clerk.post(place, {"_remove": ""}, **JSON)
    assert answer.json()["count"] == 0
    assert not draft.photos.exists()


def test_the_pages_know_the_permission(client, draft, plan, hidden_photo, request):
    place = f"{LIST}{draft.pk}/photos/"
    assert client.post(place, {"image": upload()}).status_code == 302  # to the login
    client.force_login(request.getfixturevalue("sister_reviewer"))
    assert send(client, draft).status_code == 404
    client.force_login(request.getfixturevalue("auditor"))
    assert send(client, draft).status_code == 403
    client.force_login(request.getfixturevalue("village_clerk"))
    foreign = f"{LIST}{plan.pk}/photos/{hidden_photo.pk}/"
    assert client.post(foreign, {"_remove": ""}).status_code == 404
    assert client.get(place).status_code == 405
    assert ActivityPhoto.objects.count() == 1


def test_another_site_cannot_send_one(draft, village_clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(village_clerk)
    assert send(client, draft).status_code == 403
