"""The calendar for other calendars: iCalendar (RFC 5545) of many or of one activity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Sum
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import condition, require_safe
from icalendar import Calendar, Event, Timezone

from activities.calendar import FIRST_YEAR, LAST_YEAR, ONE_DAY
from activities.filter_bar import FilterBar
from activities.filters import ActivityFilter
from activities.models import Activity
from activities.models.choices import Happening, Kind
from federation.months import UNTIL_EVER, Month, local_today
from federation.site import site_root

CONTENT_TYPE = "text/calendar; charset=utf-8"
ZONE_NAME = "Asia/Shanghai"
ZONE = ZoneInfo(ZONE_NAME)

# A calendar drops what its feed no longer holds: two full months stay to look back.
MONTHS_BACK = 2
REFRESH_EVERY = timedelta(hours=6)
LONGEST_DESCRIPTION = 200

STATUSES = {
    Happening.CANCELLED: ("CANCELLED", "【已取消】"),
    # The date stands until a new one is known.
    Happening.POSTPONED: ("TENTATIVE", "【已延期】"),
}

# Everything a feed says of an activity: nothing else is read.
EVENT_FIELDS = (
    "pk",
    "title",
    "kind",
    "starts_on",
    "ends_on",
    "starts_at",
    "ends_at",
    "place",
    "lecturer",
    "summary",
    "happening",
    "sequence",
    "updated_at",
    "branch__name",
    "branch__path",
)


class Feed:
    """A filtered feed, read once for its ETag, its date and its events."""

    def __init__(self, request):
        filterset = ActivityFilter(request.GET, Activity.objects.public())
        self.bar = FilterBar(filterset)
        if self.bar.complaints:
            # Whoever subscribed to one village must not get the whole district.
            raise Http404(" ".join(self.bar.complaints))
        self.since = Month.of(local_today()).plus(-MONTHS_BACK).first_day
        self.events = filterset.qs.overlapping(self.since, UNTIL_EVER)
        # Withdrawn ones too: what leaves the feed is a change of the feed.
        ever_approved = filterset.filter_queryset(
            Activity.objects.filter(approved_at__isnull=False)
        )
        self.modified_at = ever_approved.aggregate(at=Max("updated_at"))["at"]

    @classmethod
    def of(cls, request) -> Feed:
        if not hasattr(request, "_feed"):
            request._feed = cls(request)
        return request._feed

    @property
    def name(self) -> str:
        return "·".join([site_root().title, *(o.label for o in self.bar.chosen)])


def feed_etag(request) -> str:
    feed = Feed.of(request)
    state = feed.events.aggregate(
        Count("pk"), Sum("pk"), Sum("sequence"), Max("updated_at")
    )
    return _weak_etag(
        request.get_host(), feed.name, feed.since, feed.modified_at, *state.values()
    )


def feed_modified_at(request) -> datetime | None:
    return Feed.of(request).modified_at


@require_safe
@condition(etag_func=feed_etag, last_modified_func=feed_modified_at)
def calendar_feed(request):
    """Answer with the events of the same filters as the calendar's pages."""
    feed = Feed.of(request)
    events = feed.events.order_by("starts_on", "pk").values(*EVENT_FIELDS)
    body = write_calendar(feed.name, events.iterator(chunk_size=500), request)
    return StreamingHttpResponse(body, content_type=CONTENT_TYPE)


def _one_event(request, pk: int) -> dict:
    if not hasattr(request, "_event"):
        rows = Activity.objects.public().filter(pk=pk).values(*EVENT_FIELDS)
        request._event = rows.first()
    if request._event is None:
        raise Http404("没有找到这场活动，它可能已经撤回。")
    return request._event


def event_etag(request, pk: int) -> str:
    event = _one_event(request, pk)
    return _weak_etag(request.get_host(), *event.values())


def event_modified_at(request, pk: int) -> datetime:
    return _one_event(request, pk)["updated_at"]


@require_safe
@condition(etag_func=event_etag, last_modified_func=event_modified_at)
def activity_feed(request, pk: int):
    """Answer with the one event, as a file to open in a calendar."""
    event = _one_event(request, pk)
    body = b"".join(write_calendar(event["title"], [event], request))
    return HttpResponse(
        body,
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(
                True, f"{event['title']}.ics"
            )
        },
    )


def _weak_etag(*parts) -> str:
    text = "\n".join(map(str, parts))
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def write_calendar(name: str, events, request) -> Iterator[bytes]:
    """Yield the VCALENDAR piece by piece: a district's feed has thousands of events."""
    frame = Calendar()
    frame.add("prodid", "-//shuzhi-fulian//calendar//ZH")
    frame.add("version", "2.0")
    frame.add("calscale", "GREGORIAN")
    frame.add("x-wr-calname", name)
    frame.add("x-wr-timezone", ZONE_NAME)
    frame.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    frame.add("x-published-ttl", "PT6H")
    head, closing_line, _ = frame.to_ical().partition(b"END:VCALENDAR")
    yield head + vtimezone()
    for event in events:
        yield write_event(event, request.build_absolute_uri)
    yield closing_line + b"\r\n"


@cache
def vtimezone() -> bytes:
    zone = Timezone.from_tzid(
        ZONE_NAME,
        first_date=date(FIRST_YEAR, 1, 1),
        last_date=date(LAST_YEAR + 1, 1, 1),
    )
    return zone.to_ical()


def write_event(row: dict, absolute) -> bytes:
    status, prefix = STATUSES.get(row["happening"], ("CONFIRMED", ""))
    root_code = row["branch__path"].partition("/")[0]
    event = Event()
    # No host in it: a site that moves to another name must not double its events.
    event.add("uid", f"activity-{row['pk']}@{root_code}.shuzhi-fulian")
    event.add("sequence", row["sequence"])
    event.add("dtstamp", row["updated_at"])
    event.add("last-modified", row["updated_at"])
    for name, moment in event_times(row).items():
        event.add(name, moment)
    event.add("summary", prefix + row["title"])
    event.add("status", status)
    event.add("categories", [Kind(row["kind"]).label])
    if row["place"]:
        event.add("location", row["place"])
    event.add("description", _description(row))
    event.add("url", absolute(reverse("activities:detail", args=[row["pk"]])))
    return event.to_ical()


def event_times(row: dict) -> dict[str, date | datetime]:
    """
    Return DTSTART and DTEND of an event.

    All day: dates, the end exclusive. Timed: in local time with its zone. No closing
    time: on one day the end is left open, over several days it is the last midnight.
    """
    first, day_after = row["starts_on"], row["ends_on"] + ONE_DAY
    starts_at, ends_at = row["starts_at"], row["ends_at"]
    if starts_at is None:
        return {"dtstart": first, "dtend": day_after}
    times = {"dtstart": datetime.combine(first, starts_at, ZONE)}
    if ends_at is not None:
        times["dtend"] = datetime.combine(row["ends_on"], ends_at, ZONE)
    elif row["ends_on"] > first:
        times["dtend"] = datetime.combine(day_after, time.min, ZONE)
    return times


def _description(row: dict) -> str:
    parts = [f"主办：{row['branch__name']}"]
    if row["lecturer"]:
        parts.append(f"主讲：{row['lecturer']}")
    summary = row["summary"].strip()
    if len(summary) > LONGEST_DESCRIPTION:
        summary = summary[:LONGEST_DESCRIPTION] + "……"
    return "\n".join([*parts, *filter(None, [summary])])
