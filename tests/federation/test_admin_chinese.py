"""The admin speaks Chinese: whatever a package left in English is found here."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext

from federation import successions
from federation.models import ReportingMonth
from members.models import Term
from tests.factories import MemberFactory, PostFactory, ResultFactory

pytestmark = pytest.mark.django_db

SHOWN_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt", "data-placeholder")
UNSEEN = ("script", "style", "svg", "template", "head")
# What may stand in Latin letters: names of formats, the example of a search by
# initials, the stored identifiers of the rows made below, and the cast's usernames.
ALLOWED = {"csv", "xlsx", "excel", "jpeg", "png", "webp", "mb", "ip", "esc"}
ALLOWED |= {"mysq", "lxy", "everyday", "ideas", "auditor"}
# Examples of codes, which are letters.
ALLOWED |= {"lectures", "mom", "jobs", "monthly", "table"}
ALLOWED_PATTERNS = [r"[a-z]+_(?:admin|clerk|reviewer)\b", r"https?://\S+", r"/[a-z_/]+"]
WORD = re.compile(r"[A-Za-z]{2,}")


class Words(HTMLParser):
    """Collect what a reader sees or hears of a page."""

    def __init__(self):
        super().__init__()
        self.texts, self._unseen, self._icon = [], [], 0
        self.is_title = False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.texts += [attributes.get(name) or "" for name in SHOWN_ATTRIBUTES]
        is_button = tag == "input" and attributes.get("type") in ("submit", "button")
        if is_button:
            self.texts.append(attributes.get("value") or "")
        if tag in UNSEEN:
            self._unseen.append(tag)
        if "material-symbols-outlined" in (attributes.get("class") or ""):
            self._unseen.append(tag)  # an icon's name is drawn, not read
        self.is_title = tag == "title"

    def handle_endtag(self, tag):
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        self.is_title = False

    def handle_data(self, text):
        if self.is_title or not self._unseen:
            self.texts.append(text)


def english_words(html: str) -> set[str]:
    reader = Words()
    reader.feed(html)
    text = " ".join(reader.texts)
    for pattern in ALLOWED_PATTERNS:
        text = re.sub(pattern, " ", text)
    return {word for word in WORD.findall(text) if word.lower() not in ALLOWED}


@pytest.fixture
def rows(district, street, community, second_community, programme, street_reviewer):
    """One row of each kind of record, with a history."""
    ResultFactory(branch=community, programme=programme)
    post = PostFactory(member=MemberFactory(branch=community, phone="13812341234"))
    Term.objects.create(
        branch=community, number=3, elected_on=date(2021, 3, 1), due_on=date(2026, 3, 1)
    )
    ReportingMonth.objects.create(month=date(2026, 1, 1))
    day = post.started_on.replace(day=1)
    deed = successions.Deed(day, "区划调整", "章妇字〔2021〕3 号", street_reviewer)
    successions.rename(deed, second_community, name="泉城妇联", short_name="泉城")
    community.stats.create(
        figure="women", as_of=date(2026, 1, 1), value=900, source="年报"
    )


def pages_of(user, rf_request):
    """Yield the address of each page that *user* may open."""
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if not model_admin.has_view_permission(rf_request):
            continue
        yield reverse(f"{name}_changelist")
        if model_admin.has_add_permission(rf_request):
            yield reverse(f"{name}_add")
        row = model_admin.get_queryset(rf_request).order_by("-pk").first()
        if row is not None:
            yield reverse(f"{name}_change", args=[row.pk])
            yield reverse(f"{name}_history", args=[row.pk])


@pytest.mark.parametrize("person", ["district_admin", "auditor", "street_reviewer"])
def test_no_admin_page_has_an_english_word(client, rows, person, request, rf):
    user = request.getfixturevalue(person)
    client.force_login(user)
    asked = rf.get("/admin/")
    asked.user = user
    asked.resolver_match = type("Match", (), {"url_name": "index"})
    addresses = ["/admin/", "/admin/password_change/", *pages_of(user, asked)]
    assert len(addresses) > 20
    found = {}
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if words := english_words(answer.content.decode()):
            found[address] = words
    assert found == {}


def test_searched_and_empty_lists_are_chinese(client, rows, district_admin):
    client.force_login(district_admin)
    for query in ("?q=mysq", "?q=csv", "?standing=all"):
        page = client.get(f"/admin/federation/branch/{query}").content.decode()
        assert english_words(page) == set()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_forms_of_the_acts_are_chinese(
    client, rows, district_admin, community, method
):
    client.force_login(district_admin)
    for act in ("found", "rename", "transfer", "merge", "split", "close"):
        address = f"/admin/federation/branch/{community.pk}/{act}/"
        page = getattr(client, method)(address)
        assert page.status_code == 200
        assert english_words(page.content.decode()) == set()


def test_the_door_is_chinese(client, district):
    cache.clear()
    wrong = {"username": "王小梅", "password": "x"}
    for page in (
        client.get("/admin/login/"),
        client.post("/admin/login/", wrong),
        client.get("/account/reset/"),
        client.post("/account/reset/", {}),
    ):
        assert english_words(page.content.decode()) == set()


def test_leaving_is_chinese(client, district_admin):
    client.force_login(district_admin)
    page = client.post("/admin/logout/", follow=True)
    assert english_words(page.content.decode()) == set()


def test_a_locked_out_person_reads_chinese(client, district):
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        page = client.post("/admin/login/", {"username": "王小梅", "password": "x"})
    assert page.status_code == 429
    assert "登录暂停 15 分钟" in page.content.decode()
    assert english_words(page.content.decode()) == set()


def test_the_crawler_sees_english():
    seen = english_words('<p>Save</p><input placeholder="Type"><script>var x</script>')
    assert seen == {"Save", "Type"}


def test_the_compiled_catalogue_is_that_of_the_source():
    source = Path(settings.LOCALE_PATHS[0]) / "zh_Hans/LC_MESSAGES/django.po"
    entries = re.findall(
        r'^msgid "([^"\n\\]+)"\nmsgstr "([^"\n\\]+)"$', source.read_text("utf-8"), re.M
    )
    assert len(entries) > 150
    assert {msgid: gettext(msgid) for msgid, _ in entries} == dict(entries)
