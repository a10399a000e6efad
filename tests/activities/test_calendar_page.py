"""The calendar's pages: what is on them, what is not, and what they cost."""

from datetime import date, time

import pytest
from django.urls import reverse

from activities.agenda import agenda_of
from activities.models import Activity
from federation.models import Branch, Programme
from tests.factories import (
    ActivityFactory,
    ChapterFactory,
    PlanFactory,
    ProgrammeFactory,
)

NOVEMBER = "/calendar/2026/11/"
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """Every page is read on 24 November 2026."""
    for module in ("activities.views", "activities.panels", "federation.views"):
        monkeypatch.setattr(f"{module}.local_today", lambda: TODAY)
    return TODAY


def plan(branch, day=TODAY, **fields):
    return PlanFactory(branch=branch, starts_on=day, **fields)


def page(client, path=NOVEMBER, **query):
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_calendar_leads_to_the_current_month_and_keeps_the_filters(client, db):
    response = client.get("/calendar/?kind=law")
    assert response.status_code == 302
    assert response["Location"] == "/calendar/2026/11/?kind=law"


def test_an_approved_public_activity_is_shown_with_its_hour_and_place(
    client, community
):
    activity = plan(
        community, title="民法典进村居", starts_at=time(9), place="文化广场"
    )
    html = page(client)
    assert "民法典进村居" in html
    assert "09:00" in html
    assert "明水街道 明一社区" in html
    assert f'href="/activities/{activity.pk}/"' in html


@pytest.mark.parametrize(
    "fields",
    [
        {"approved_at": None, "review": Activity.Review.SUBMITTED},
        {"visibility": Activity.Visibility.INTERNAL},
        {"review": Activity.Review.WITHDRAWN},
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        NOVEMBER,
        "/calendar/2026/w48/",
        "/calendar/2026/11/24/",
        f"{NOVEMBER}?view=list",
        "/",
        "/search/?q=内部会议",
        "/branches/370114001001/",
    ],
)
def test_what_is_not_public_appears_nowhere(client, community, fields, path):
    hidden = plan(community, title="内部会议安排", **fields)
    shown = plan(community, title="内部会议公开场")
    html = client.get(path).content.decode()
    assert "内部会议公开场" in html
    assert "内部会议安排" not in html
    assert client.get(f"/activities/{hidden.pk}/").status_code == 404
    assert client.get(f"/activities/{shown.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("文化广场", "明水街道 明一社区\u00a0· 文化广场"),
        ("明一社区文化广场", "明水街道\u00a0· 明一社区文化广场"),
        ("", "明水街道 明一社区"),
    ],
)
def test_street_branch_and_place_are_said_once(client, community, place, where):
    plan(community, place=place)
    assert f"<small>{where}</small>" in page(client)


def test_a_day_of_another_year_names_its_year(client, community):
    plan(community, date(2027, 1, 5), title="新年第一课")
    assert "2027 年 · 周二" in page(client, "/search/", q="新年")
    plan(community, title="今年的课")
    assert "2026 年 · " not in page(client, "/search/", q="今年")


def test_a_cancelled_activity_stays_and_says_so(client, community):
    plan(community, title="普法赶大集", happening=Activity.Happening.CANCELLED)
    html = page(client)
    assert "<mark>已取消</mark><s>普法赶大集</s>" in html


def test_a_postponed_activity_says_so_and_is_not_struck_through(client, community):
    plan(community, title="普法赶大集", happening=Activity.Happening.POSTPONED)
    html = page(client)
    assert "<mark>已延期</mark>普法赶大集" in html


@pytest.mark.parametrize(
    ("day", "path", "is_counted"),
    [
        (date(2026, 11, 1), NOVEMBER, True),
        (date(2026, 11, 30), NOVEMBER, True),
        (date(2026, 10, 31), NOVEMBER, False),
        (date(2026, 12, 1), NOVEMBER, False),
        (date(2026, 12, 31), "/calendar/2026/12/", True),
        (date(2027, 1, 1), "/calendar/2026/12/", False),
        (date(2027, 1, 1), "/calendar/2027/01/", True),
        (date(2028, 2, 29), "/calendar/2028/02/", True),
        (date(2028, 2, 29), "/calendar/2028/03/", False),
        (date(2027, 1, 3), "/calendar/2026/w53/", True),
        (date(2027, 1, 4), "/calendar/2026/w53/", False),
    ],
)
def test_an_activity_counts_on_the_page_its_day_belongs_to(
    client, community, day, path, is_counted
):
    plan(community, day)
    html = page(client, path)
    assert ("· 1 场活动" in html) is is_counted
    assert ("· 没有活动" in html) is not is_counted


def test_the_days_around_the_month_show_what_is_on_them(client, community):
    plan(community, date(2026, 10, 26), title="重阳节慰问")
    plan(community, date(2026, 12, 6), title="冬季健康课")
    html = page(client)
    assert "重阳节慰问" in html
    assert "冬季健康课" in html


def test_an_activity_over_the_turn_of_the_month_is_on_both_pages(client, community):
    plan(community, date(2026, 10, 20), ends_on=date(2026, 11, 10), title="巡回展")
    assert "· 1 场活动" in page(client)
    assert "· 1 场活动" in page(client, "/calendar/2026/10/")
    assert "· 1 场活动" in page(client, NOVEMBER, view="list")
    assert "第 22 天" in page(client, "/calendar/2026/11/10/")
    assert "· 没有活动" in page(client, "/calendar/2026/11/11/")


def test_a_crowded_day_shows_three_and_leads_to_the_rest(client, community):
    for hour in range(8, 14):
        plan(community, starts_at=time(hour), title=f"{hour}点的课")
    html = page(client)
    assert [h for h in range(8, 14) if f"{h}点的课" in html] == [8, 9, 10]
    assert "还有 3 场" in html
    html = page(client, "/calendar/2026/11/24/")
    assert all(f"{h}点的课" in html for h in range(8, 14))


def test_cancelled_ones_leave_the_three_lines_to_those_that_happen(client, community):
    for hour in range(8, 12):
        plan(community, starts_at=time(hour), title=f"{hour}点的课")
    Activity.objects.filter(title__in=["8点的课", "9点的课"]).update(
        happening=Activity.Happening.CANCELLED
    )
    html = page(client)
    assert [h for h in range(8, 12) if f"{h}点的课" in html] == [8, 10, 11]
    assert html.index("11点的课") < html.index("8点的课")


def test_only_programmes_with_public_activities_are_offered(client, community):
    top = ProgrammeFactory(slug="preaching", name="巾帼宣讲")
    leaf = ProgrammeFactory(slug="great", name="巾帼大宣讲", parent=top)
    idle = ProgrammeFactory(slug="online", name="网上引领")
    ProgrammeFactory(slug="songs", name="原创歌曲", parent=top)
    plan(community, programme=leaf)
    plan(community, programme=idle, visibility=Activity.Visibility.INTERNAL)
    html = page(client)
    assert '<option value="great">　巾帼大宣讲</option>' in html
    assert '<option value="preaching">巾帼宣讲</option>' in html
    assert "网上引领" not in html
    assert "原创歌曲" not in html
    assert '<option value="online" selected>' in page(client, programme="online")


def test_the_list_is_paged_and_the_pages_keep_the_filters(client, community):
    for _ in range(61):
        plan(community)
    html = page(client, NOVEMBER, view="list", branch="370114001")
    assert html.count('class="ev ') == 60
    assert "第 1 页，共 2 页" in html
    assert "view=list&amp;branch=370114001&amp;page=2" in html
    html = page(client, NOVEMBER, view="list", branch="370114001", page=2)
    assert html.count('class="ev ') == 1


def test_a_branch_filter_takes_everything_below_it(
    client, street, community, sister_community
):
    plan(street, title="街道的课")
    plan(community, title="社区的课")
    plan(sister_community, title="别处的课")
    html = page(client, branch=street.code)
    assert "街道的课" in html
    assert "社区的课" in html
    assert "别处的课" not in html


def test_a_programme_filter_takes_its_children_and_grandchildren(client, community):
    top = ProgrammeFactory(slug="preaching", name="巾帼宣讲")
    middle = ProgrammeFactory(slug="great", name="巾帼大宣讲", parent=top)
    leaf = ProgrammeFactory(slug="home", name="入户宣讲", parent=middle)
    other = ProgrammeFactory(slug="health", name="巾帼健康")
    for programme in (top, middle, leaf, other):
        plan(community, programme=programme, title=f"{programme.name}一场")
    html = page(client, programme="preaching")
    shown = [p.name for p in (top, middle, leaf, other) if f"{p.name}一场" in html]
    assert shown == ["巾帼宣讲", "巾帼大宣讲", "入户宣讲"]


def test_kind_and_words_narrow_the_page(client, community):
    plan(community, title="民法典课", kind=Activity.Kind.LAW, place="文化广场")
    plan(community, title="婚姻家庭课", kind=Activity.Kind.LAW, lecturer="王律师")
    plan(community, title="面点课", kind=Activity.Kind.SKILL_PASTRY)
    html = page(client, kind="law")
    assert ("民法典课" in html, "面点课" in html) == (True, False)
    html = page(client, q="王律师")
    assert ("婚姻家庭课" in html, "民法典课" in html) == (True, False)
    html = page(client, q="文化 民法典")
    assert ("民法典课" in html, "婚姻家庭课" in html) == (True, False)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"branch": "999"}, "没有找到这个妇联组织，已显示全部组织。"),
        ({"branch": "37\x00"}, "没有找到这个妇联组织，已显示全部组织。"),
        ({"programme": "nothing"}, "没有找到这个项目，已显示全部项目。"),
        ({"kind": "dance"}, "没有这个活动类型，已显示全部类型。"),
    ],
)
def test_an_unknown_filter_is_left_out_with_a_sentence(
    client, community, query, sentence
):
    plan(community, title="社区的课")
    html = page(client, **query)
    assert sentence in html
    assert "社区的课" in html


@pytest.mark.parametrize(
    "query",
    [{"q": "\x00"}, {"q": "一" * 500}, {"page": "x"}, {"page": "-1"}, {"view": "x"}],
)
def test_odd_queries_never_fail(client, community, query):
    plan(community)
    for path in (NOVEMBER, "/calendar/2026/11/24/", "/search/", "/branches/"):
        assert client.get(path, query).status_code in (200, 404)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/calendar/2026/13/", "没有 2026 年 13 月，请检查网址。"),
        ("/calendar/2026/00/", "没有 2026 年 0 月，请检查网址。"),
        ("/calendar/2026/w60/", "2026 年没有第 60 周，请检查网址。"),
        ("/calendar/2025/w53/", "2025 年没有第 53 周，请检查网址。"),
        ("/calendar/2027/02/29/", "没有 2027 年 2 月 29 日，请检查网址。"),
        ("/calendar/1999/12/", "活动日历只有 2000 年到 2099 年。"),
        ("/calendar/99999/01/", "活动日历只有 2000 年到 2099 年。"),
        ("/calendar/2026/11/24/7/", "网址可能打错了"),
    ],
)
def test_an_address_of_no_day_is_a_friendly_404(client, district, path, sentence):
    response = client.get(path)
    assert response.status_code == 404
    assert sentence in response.content.decode()


def test_the_calendar_ends_where_its_years_end(client, district):
    html = page(client, "/calendar/2099/12/")
    assert 'aria-disabled="true"' in html
    assert "/calendar/2100/" not in html
    html = page(client, "/calendar/2000/01/")
    assert "/calendar/1999/12/" not in html
    assert "周一" in page(client, "/calendar/1999/w52/")


def test_an_empty_month_names_the_next_activity_and_offers_to_subscribe(
    client, community
):
    plan(community, date(2027, 1, 5), title="新年第一课")
    plan(
        community,
        date(2027, 1, 2),
        title="取消了的课",
        happening=Activity.Happening.CANCELLED,
    )
    html = page(client)
    assert "这个月没有公开的活动。" in html
    assert "2027 年 1 月 5 日" in html
    assert "新年第一课" in html
    assert "取消了的课" not in html
    assert "webcal://testserver/calendar.ics" in html


def test_an_empty_month_after_the_last_activity_names_the_last(client, community):
    plan(community, date(2026, 10, 1), title="国庆慰问")
    html = page(client)
    assert "最近一场在" in html
    assert "国庆慰问" in html


def test_holidays_and_make_up_workdays_are_marked(client, district):
    html = page(client, "/calendar/2026/10/")
    assert html.count("国庆节 休") == 7
    assert "国庆节 班" in html
    assert "休</small>" not in page(client, "/calendar/2098/10/")


def test_today_is_marked_and_the_past_can_be_hidden_on_a_phone(client, community):
    plan(community, date(2026, 11, 3))
    plan(community, date(2026, 11, 25))
    html = page(client)
    assert html.count('aria-current="date"') == 2  # the day, and the button
    assert 'class="day has past"' in html
    assert "也看本月已过去的活动" in html
    assert "也看本月已过去的活动" not in page(client, "/calendar/2026/10/")


def test_every_link_of_the_page_keeps_the_filters(client, community):
    html = page(client, branch="370114001", kind="law")
    query = "?branch=370114001&amp;kind=law"
    assert f'href="/calendar/2026/10/{query}"' in html
    assert f'href="/calendar/2026/12/{query}"' in html
    assert f'href="/calendar/2026/w48/{query}"' in html
    assert f'href="/calendar/2026/11/24/{query}"' in html
    assert f"calendar.ics{query}" in html


def test_the_colour_is_the_chapters_and_a_word_stands_beside_it(client, community):
    health = ChapterFactory(slug="home", name="家庭建设", colour="gold")
    programme = ProgrammeFactory(slug="health", name="巾帼健康", chapter=health)
    plan(community, programme=programme, kind=Activity.Kind.HEALTH)
    html = page(client)
    assert 'class="ev c-gold"' in html
    assert "<em>健康服务</em>" in html


def test_the_page_runs_under_the_strict_policy(client, community):
    plan(community)
    response = client.get(NOVEMBER)
    html = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert html.count("<script") == html.count("<script src=")


@pytest.mark.parametrize(
    "path",
    [
        NOVEMBER,
        "/calendar/2026/w48/",
        "/calendar/2026/11/24/",
        f"{NOVEMBER}?view=list",
        f"{NOVEMBER}?branch=370114001001&programme=everyday&kind=law&q=课",
        "/calendar/2030/05/?branch=370114001001&programme=everyday&kind=law&q=课",
    ],
)
@pytest.mark.parametrize("density", [1, 18])
def test_a_page_costs_at_most_eight_queries_at_any_density(
    client, community, django_assert_max_num_queries, path, density
):
    for number in range(density):
        plan(community, date(2026, 11, 1 + number % 28), title=f"第{number}课")
    with django_assert_max_num_queries(8):
        client.get(path)


def test_eighteen_times_the_density_costs_little_more_to_send(client, community):
    """At the density of the demo: as many activities a day as the grid shows."""
    fields = {"branch": community, "programme": ProgrammeFactory(), "title": "民法典课"}
    days = [date(2026, 11, day) for day in range(1, 31)]

    def fill(number):
        Activity.objects.bulk_create(
            PlanFactory.build(**fields, starts_on=day, starts_at=time(9))
            for day in days
            for _ in range(number)
        )

    fill(3)
    sparse = len(client.get(NOVEMBER).content)
    fill(3 * 17)
    dense = len(client.get(NOVEMBER).content)
    assert dense <= 1.3 * sparse


def test_only_what_is_shown_is_read(client, community, monkeypatch):
    Activity.objects.bulk_create(
        PlanFactory.build(
            branch=community, programme=ProgrammeFactory(), starts_on=TODAY
        )
        for _ in range(200)
    )
    read = []

    def counting(*args):
        agenda = agenda_of(*args)
        read.extend(agenda.lines)
        return agenda

    monkeypatch.setattr("activities.views.agenda_of", counting)
    assert "还有 197 场" in page(client)
    assert len(read) == 3


def test_the_filter_bar_offers_streets_and_the_chosen_streets_villages(
    client, street, community, sister_street, sister_community
):
    ProgrammeFactory(slug=Programme.NONE, name="不分项目")
    html = page(client, branch=street.code)
    assert '<option value="370114001" selected>明水街道</option>' in html
    assert '<option value="370114001001">' in html
    assert '<option value="370114002">' in html
    assert '<option value="370114002001">' not in html
    assert "不分项目" not in html


def test_a_closed_branch_is_offered_no_more(client, street):
    Branch.objects.filter(pk=street.pk).update(closed_on=date(2025, 1, 1))
    assert '<option value="370114001">' not in page(client)


def test_a_draft_never_reaches_the_page(client, community):
    ActivityFactory(branch=community, starts_on=TODAY, title="还没交的草稿")
    assert "还没交的草稿" not in page(client)


def test_addresses_write_month_and_week_with_two_digits():
    assert reverse("activities:calendar_month", args=[2026, 3]) == "/calendar/2026/03/"
    assert reverse("activities:calendar_week", args=[2026, 9]) == "/calendar/2026/w09/"
