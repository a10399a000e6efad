"""`/rollups/targets/`: one indicator, one year, the district and all its towns."""

from datetime import date
from html import unescape

import pytest

from rollups import engine
from rollups.models import Target
from tests.rollups.reading import ATTENDANCE, SESSIONS, hold

URL = "/rollups/targets/"
ASKED = {"indicator": SESSIONS, "year": "2026"}
DOCUMENT = "章妇字〔2026〕2 号"


@pytest.fixture
def office(client, district_admin):
    client.force_login(district_admin)
    return client


def post(client, **answers):
    data = {"document_number": DOCUMENT} | {
        f"target-{code[1:]}" if code.startswith("_") else code: value
        for code, value in answers.items()
    }
    return client.post(f"{URL}?indicator={SESSIONS}&year=2026", data)


def text(response) -> str:
    return unescape(response.content.decode())


def held() -> dict:
    rows = Target.objects.values_list("branch__code", "value", "document_number")
    return {code: (int(value), document) for code, value, document in rows}


def test_the_page_lists_the_district_and_its_towns_with_last_year(
    office, street, sister_street, community
):
    for day in (1, 2, 3):
        hold(community, date(2025, 5, day))
    engine.drain_marks()
    context = office.get(URL, ASKED).context
    assert [(branch.code, done) for branch, _, done in context["lines"]] == [
        ("370114", "3"),
        ("370114001", "3"),
        ("370114002", "0"),
    ]


def test_without_parameters_it_is_this_years_first_indicator(office, street):
    context = office.get(URL).context
    assert context["indicator"].code == SESSIONS
    assert context["year"] == date.today().year


def test_targets_are_saved_together(office, street, sister_street):
    response = post(office, _370114="300", _370114001="120", _370114002="")
    assert response.status_code == 302
    assert "已保存，改了 2 个目标。" in text(office.get(response.url))
    assert held() == {"370114": (300, DOCUMENT), "370114001": (120, DOCUMENT)}
    page = office.get(URL, ASKED)
    assert 'value="300"' in text(page)
    assert f'value="{DOCUMENT}"' in text(page)
    assert "没有改动。" in text(
        office.get(post(office, _370114="300", _370114001="120").url)
    )


def test_a_change_is_by_its_own_document_and_a_wrong_one_is_corrected(
    office, district, street
):
    post(office, _370114="300", _370114001="120")
    later = "章妇字〔2026〕9 号"
    post(office, _370114="300", _370114001="150", document_number=later)
    assert held() == {"370114": (300, DOCUMENT), "370114001": (150, later)}
    post(office, _370114="300", _370114001="150", document_number=DOCUMENT)
    assert held() == {"370114": (300, DOCUMENT), "370114001": (150, DOCUMENT)}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"_370114001": "0"}, "明水街道妇联：目标必须大于 0；不定目标就留空。"),
        ({"_370114001": "很多"}, "明水街道妇联：请填数字，如 120。"),
        ({"_370114001": "\x00"}, "明水街道妇联：请填数字，如 120。"),
        ({"_370114001": "1e400"}, "明水街道妇联："),
        ({"_370114001": "NaN"}, "明水街道妇联：请填数字，如 120。"),
        ({"_370114001": "9" * 40}, "18 个数字"),
        (
            {"_370114001": "9", "document_number": ""},
            "依据文号：请填写目标依据的文号。",
        ),
        ({"_370114001": "9", "document_number": "\x00"}, "依据文号："),
        ({"_370114001": "9", "document_number": "文" * 101}, "依据文号："),
    ],
)
def test_a_wrong_number_is_told_beside_the_others_that_stay_typed(
    office, street, answers, sentence
):
    response = post(office, _370114="300", **answers)
    assert response.status_code == 400
    assert sentence in text(response)
    assert 'value="300"' in text(response)
    assert held() == {}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"year": "1999"}, "年份：年份请在 2000 和 2099 之间选择。"),
        ({"year": "x"}, "年份：年份请在 2000 和 2099 之间选择。"),
        ({"year": "9" * 30}, "年份：年份请在 2000 和 2099 之间选择。"),
        ({"indicator": "no.such"}, "指标：没有“no.such”这个指标，请从列表中选择。"),
    ],
)
def test_a_wrong_choice_gets_a_sentence(office, street, asked, sentence):
    assert sentence in text(office.get(URL, ASKED | asked))
    assert office.get(URL, ASKED | asked).status_code == 400
    query = "&".join(f"{name}={value}" for name, value in (ASKED | asked).items())
    assert office.post(f"{URL}?{query}", {}).status_code == 400


def test_the_auditor_reads_and_does_not_write(client, auditor, street):
    client.force_login(auditor)
    assert '<button class="button main"' not in text(client.get(URL, ASKED))
    assert post(client, _370114001="5").status_code == 403
    assert held() == {}


def test_a_street_does_not_see_the_others(client, street_reviewer, sister_street):
    client.force_login(street_reviewer)
    assert client.get(URL, ASKED).status_code == 403


@pytest.mark.parametrize("code", [ATTENDANCE, "branches.existing"])
def test_every_kind_of_indicator_may_have_one(office, street, code):
    response = office.post(
        f"{URL}?indicator={code}&year=2026",
        {"target-370114001": "12.5", "document_number": DOCUMENT},
    )
    assert response.status_code == 302
    assert 'value="12.5"' in text(office.get(response.url))
