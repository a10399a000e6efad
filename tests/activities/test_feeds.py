"""The iCalendar feeds: what they tell, and when they have nothing new to tell."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils.http import http_date
from icalendar import Calendar

from activities.models import Activity
from tests.factories import PlanFactory, ProgrammeFactory

TODAY = date(2026, 11, 24)
CHANGED_AT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("activities.feeds.local_today", lambda: TODAY)


def plan(branch, day=TODAY, changed_at=CHANGED_AT, **fields):
    activity = PlanFactory(branch=branch, starts_on=day, **fields)
    Activity.objects.filter(pk=activity.pk).update(updated_at=changed_at)
    return activity


def read(client, path="/calendar.ics", **query):
    response = client.get(path, query)
    assert response.status_code == 200
    return b"".join(response) if response.streaming else response.content


def events(client, path="/calendar.ics", **query):
    return Calendar.from_ical(read(client, path, **query)).walk("VEVENT")


def only_event(client, **query):
    (event,) = events(client, **query)
    return event


def test_a_timed_event_carries_local_times_with_their_zone(client, community):
    plan(community, starts_at=time(9), ends_at=time(11, 30))
    body = read(client).decode()
    assert "DTSTART;TZID=Asia/Shanghai:20261124T090000\r\n" in body
    assert "DTEND;TZID=Asia/Shanghai:20261124T113000\r\n" in body
    (zone,) = Calendar.from_ical(body).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    (standard,) = zone.walk("STANDARD")
    assert standard["TZOFFSETTO"].td == timedelta(hours=8)


@pytest.mark.parametrize(
    ("first", "last", "day_after"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), date(2026, 11, 25)),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)),
    ],
)
def test_an_all_day_event_ends_on_the_day_after(
    client, community, first, last, day_after
):
    plan(community, first, ends_on=last)
    event = only_event(client)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (first, day_after)
    assert event["DTSTART"].params["VALUE"] == "DATE"


def test_a_timed_event_of_several_days_runs_to_its_last_hour(client, community):
    plan(
        community,
        ends_on=date(2026, 11, 26),
        starts_at=time(9),
        ends_at=time(8),  # earlier than it began, two days later
    )
    event = only_event(client)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1, hours=23)


def test_without_a_closing_time_one_day_is_open_and_several_end_at_midnight(
    client, community
):
    plan(community, title="甲", starts_at=time(9))
    plan(community, title="乙", starts_at=time(9), ends_on=date(2026, 11, 25))
    one_day, two_days = events(client)
    assert "DTEND" not in one_day
    assert two_days["DTEND"].dt.replace(tzinfo=None) == datetime(2026, 11, 26)


def test_the_uid_stays_while_the_sequence_grows(client, community):
    activity = plan(community, sequence=3)
    before = only_event(client)
    Activity.objects.filter(pk=activity.pk).update(
        sequence=4, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1)
    )
    after = only_event(client)
    assert (
        before["UID"] == after["UID"] == f"activity-{activity.pk}@370114.shuzhi-fulian"
    )
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (3, 4)
    (alone,) = events(client, f"/activities/{activity.pk}.ics")
    assert alone["UID"] == after["UID"]


def test_the_uid_does_not_depend_on_the_hosts_name(client, community, settings):
    settings.ALLOWED_HOSTS = ["*"]
    plan(community)
    first = client.get("/calendar.ics", headers={"host": "a.example"})
    second = client.get("/calendar.ics", headers={"host": "b.example"})
    uids = {
        event["UID"]
        for response in (first, second)
        for event in Calendar.from_ical(b"".join(response)).walk("VEVENT")
    }
    assert len(uids) == 1


def test_a_cancelled_event_stays_with_its_status(client, community):
    plan(community, title="普法赶大集", happening=Activity.Happening.CANCELLED)
    event = only_event(client)
    assert event["STATUS"] == "CANCELLED"
    assert event["SUMMARY"] == "【已取消】普法赶大集"


def test_a_postponed_event_is_tentative(client, community):
    plan(community, happening=Activity.Happening.POSTPONED)
    assert only_event(client)["STATUS"] == "TENTATIVE"


def test_an_event_says_when_it_was_last_changed(client, community):
    plan(community)
    event = only_event(client)
    assert event["LAST-MODIFIED"].dt == CHANGED_AT
    assert event["DTSTAMP"].dt == CHANGED_AT


def test_texts_with_commas_and_lines_come_through_whole(client, community):
    title = "宣讲；“她”力量, 第一场\\" + "长" * 60
    plan(community, title=title, summary="第一行\n第二行,还有；逗号")
    body = read(client)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    event = only_event(client)
    assert event["SUMMARY"] == title
    assert event["DESCRIPTION"].endswith("第一行\n第二行,还有；逗号")
    assert event["URL"].startswith("http://testserver/activities/")


@pytest.mark.parametrize(
    "fields",
    [
        {"approved_at": None, "review": Activity.Review.DRAFT},
        {"visibility": Activity.Visibility.INTERNAL},
        {"review": Activity.Review.WITHDRAWN},
    ],
)
def test_only_public_activities_are_told(client, community, fields):
    hidden = plan(community, **fields)
    assert events(client) == []
    assert client.get(f"/activities/{hidden.pk}.ics").status_code == 404


def test_the_feed_knows_the_pages_filters(client, street, community, sister_community):
    law = {"kind": Activity.Kind.LAW, "programme": ProgrammeFactory(slug="law")}
    plan(community, title="社区的课", **law)
    plan(sister_community, title="别处的课", **law)
    plan(community, title="面点课", kind=Activity.Kind.SKILL_PASTRY)

    def titles(**query):
        return [str(event["SUMMARY"]) for event in events(client, **query)]

    assert titles(branch=street.code) == ["社区的课", "面点课"]
    assert titles(kind="law") == ["社区的课", "别处的课"]
    assert titles(programme="law", branch=street.code) == ["社区的课"]
    assert titles(q="面点") == ["面点课"]


@pytest.mark.parametrize("query", [{"branch": "999"}, {"kind": "dance"}])
def test_an_unknown_filter_gives_no_feed_of_everything(client, community, query):
    plan(community)
    assert client.get("/calendar.ics", query).status_code == 404


def test_the_feed_looks_back_two_months(client, community):
    plan(community, date(2026, 8, 31), title="太早")
    plan(community, date(2026, 8, 20), ends_on=date(2026, 9, 1), title="还在")
    plan(community, date(2026, 9, 1), title="九月")
    assert [event["SUMMARY"] for event in events(client)] == ["还在", "九月"]


@pytest.mark.parametrize("single", [False, True])
def test_an_unchanged_feed_answers_304(client, community, single):
    activity = plan(community)
    path = f"/activities/{activity.pk}.ics" if single else "/calendar.ics"
    first = client.get(path)
    assert first["Last-Modified"] == http_date(CHANGED_AT.timestamp())
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    by_tag = client.get(path, headers={"if-none-match": first["ETag"]})
    by_date = client.get(path, headers={"if-modified-since": first["Last-Modified"]})
    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert by_tag.content == b""


def test_every_change_of_the_feed_changes_its_tag(client, community, sister_community):
    first, second = plan(community), plan(sister_community)
    later = CHANGED_AT + timedelta(hours=1)
    row = Activity.objects.filter(pk=first.pk)
    tags = [client.get("/calendar.ics")["ETag"]]

    def note():
        response = client.get("/calendar.ics", headers={"if-none-match": tags[-1]})
        assert response.status_code == 200
        tags.append(response["ETag"])

    row.update(title="改了名", updated_at=later)
    note()
    row.update(sequence=5)
    note()
    row.update(visibility=Activity.Visibility.INTERNAL)
    note()
    plan(community)
    note()
    Activity.objects.filter(pk=second.pk).update(review=Activity.Review.WITHDRAWN)
    note()
    assert len(set(tags)) == 6


def test_a_withdrawal_is_news_for_who_asks_by_date(client, community):
    plan(community)  # stays, unchanged
    activity = plan(community)
    seen_at = client.get("/calendar.ics")["Last-Modified"]
    Activity.objects.filter(pk=activity.pk).update(
        review=Activity.Review.WITHDRAWN, updated_at=CHANGED_AT + timedelta(hours=1)
    )
    response = client.get("/calendar.ics", headers={"if-modified-since": seen_at})
    assert response.status_code == 200


def test_the_feed_costs_a_handful_of_queries(
    client, community, django_assert_max_num_queries
):
    for _ in range(30):
        plan(community)
    with django_assert_max_num_queries(6):
        read(client, branch="370114001", kind="law", programme="everyday")


def test_the_file_of_one_activity_bears_its_name(client, community):
    activity = plan(community, title="民法典进村居")
    response = client.get(f"/activities/{activity.pk}.ics")
    assert response["Content-Disposition"].startswith("attachment")
    assert "%E6%B0%91%E6%B3%95%E5%85%B8" in response["Content-Disposition"]


def test_an_empty_feed_is_a_whole_calendar(client, district):
    calendar = Calendar.from_ical(read(client))
    assert calendar["X-WR-CALNAME"] == "章丘数智妇联"
    assert calendar["VERSION"] == "2.0"
