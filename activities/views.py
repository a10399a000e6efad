"""The public calendar and the page of one activity."""

from django.core.paginator import Paginator
from django.db.models import F, Prefetch
from django.http import Http404
from django.urls import reverse
from django.views.generic import DetailView, RedirectView, TemplateView

from activities import calendar_pages
from activities.agenda import agenda_of, last_line, lines_of, listed, next_line
from activities.calendar import (
    NoSuchDateError,
    count_within,
    day_with,
    days_between,
    lay_out,
    list_by_day,
)
from activities.filter_bar import FilterBar
from activities.filters import ActivityFilter
from activities.models import Activity, ActivityPartner, ActivityPhoto
from activities.models.choices import Happening
from federation.months import local_today

LINES_A_PAGE = 60
OTHERS_SHOWN = 5


class CalendarTodayView(RedirectView):
    """Lead `/calendar/` to the current month, filters kept."""

    query_string = True

    def get_redirect_url(self, *args, **kwargs):
        self.url = calendar_pages.month_address(local_today())
        return super().get_redirect_url(*args, **kwargs)


class CalendarView(TemplateView):
    """What the pages of a month, a week and a day have in common."""

    tab = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.is_list = request.GET.get("view") == "list"
        self.today = local_today()

    def get_template_names(self):
        if self.is_list:
            return ["activities/calendar_list.html"]
        return super().get_template_names()

    def get_context_data(self, **kwargs):
        try:
            page = self.make_page(**kwargs, today=self.today)
        except NoSuchDateError as error:
            raise Http404(str(error)) from None
        found = ActivityFilter(self.request.GET, Activity.objects.public())
        bar = FilterBar(found, view="list" if self.is_list else "")
        show = self.show_list if self.is_list else self.show_days
        shown = show(found.qs, page)
        if not shown["ahead"]:
            shown |= self.nearest(found.qs, page)
        feed = self.request.build_absolute_uri(
            reverse("activities:feed") + bar.feed_query
        )
        return super().get_context_data(
            page=page,
            bar=bar,
            query=bar.query(),
            plain_query=bar.query(view=""),
            list_query=bar.query(view="list"),
            tab="list" if self.is_list else self.tab,
            is_current=page.shows(self.today),
            feed=feed,
            webcal=f"webcal:{feed.partition(':')[2]}",
            **shown,
        )

    def nearest(self, activities, page) -> dict:
        """Return what an empty page points to: the next activity, else the last."""
        coming = next_line(activities, page.end)
        nearest = coming or last_line(activities, page.first)
        if nearest is None:
            return {}
        address = calendar_pages.month_address(nearest.starts_on)
        return {"nearest": nearest, "is_next": bool(coming), "nearest_address": address}

    def show_days(self, activities, page) -> dict:
        """Return the days with their first lines: two queries at any density."""
        first, end = page.shown_first, page.shown_end
        lines, spans = agenda_of(activities, first, end, self.per_day)
        days = lay_out(days_between(first, end), lines, spans, self.per_day, self.today)
        for day in days:
            day.is_out = not page.shows(day.date)
        ahead = max(page.first, self.today) if page.shows(self.today) else page.first
        return {
            "days": days,
            "total": count_within(spans, page.first, page.end),
            "ahead": count_within(spans, ahead, page.end),
        }

    def show_list(self, activities, page) -> dict:
        """Return one page of all activities, each once, on its first day here."""
        found = listed(activities, page.first, page.end)
        lines = Paginator(found, LINES_A_PAGE).get_page(self.request.GET.get("page"))
        return {
            "days": list_by_day(
                lines_of(lines.object_list), self.today, since=page.first
            ),
            "lines": lines,
            "list_style": "list",
            "total": lines.paginator.count,
            "ahead": lines.paginator.count,
        }


class CalendarMonthView(CalendarView):
    template_name = "activities/calendar_month.html"
    make_page = staticmethod(calendar_pages.month_page)
    tab = "month"
    per_day = 3


class CalendarWeekView(CalendarView):
    template_name = "activities/calendar_week.html"
    make_page = staticmethod(calendar_pages.week_page)
    tab = "week"
    per_day = 8


class CalendarDayView(CalendarView):
    template_name = "activities/calendar_list.html"
    make_page = staticmethod(calendar_pages.day_page)
    tab = "day"

    def show_days(self, activities, page) -> dict:
        """Return one page of the day: what begins, then what goes on."""
        found = activities.overlapping(page.first, page.end).order_by(
            F("starts_on").desc(), F("starts_at").asc(nulls_first=True), "pk"
        )
        lines = Paginator(found, LINES_A_PAGE).get_page(self.request.GET.get("page"))
        total = lines.paginator.count
        day = day_with(page.first, lines_of(lines.object_list), self.today)
        return {
            "days": [day],
            "lines": lines,
            "total": total,
            "ahead": total,
            "list_style": "list one-day",
        }

    show_list = show_days


class ActivityDetailView(DetailView):
    """One public activity, read through `public()`."""

    template_name = "activities/activity_detail.html"
    context_object_name = "activity"

    def get_queryset(self):
        return (
            Activity.objects.public()
            .select_related("branch__parent", "programme__chapter", "programme__parent")
            .prefetch_related(
                Prefetch("photos", ActivityPhoto.objects.public()),
                Prefetch("partners", ActivityPartner.objects.select_related("branch")),
            )
        )

    def get_context_data(self, **kwargs):
        activity = self.object
        others = (
            Activity.objects.public()
            .filter(branch=activity.branch_id)
            .exclude(pk=activity.pk)
        )
        next_ones = listed(others, local_today())[:OTHERS_SHOWN]
        calendar = reverse("activities:calendar")
        return super().get_context_data(
            others=list_by_day(lines_of(next_ones), local_today(), since=local_today()),
            audience=activity.audience_labels(),
            is_cancelled=activity.happening == Happening.CANCELLED,
            is_postponed=activity.happening == Happening.POSTPONED,
            is_over=activity.ends_on < local_today(),
            month_address=calendar_pages.month_address(activity.starts_on),
            day_address=calendar_pages.day_address(activity.starts_on),
            programme_address=f"{calendar}?programme={activity.programme.slug}",
            **kwargs,
        )
