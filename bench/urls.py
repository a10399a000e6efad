"""The site's addresses and one bare view beside the month page: one query, the same
rows, a plain list."""

from datetime import date

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from activities.agenda import BY_HOUR, LINE_FIELDS
from activities.calendar_pages import month_page
from activities.models import Activity
from activities.views import CalendarMonthView

LIST = """<!doctype html><title>{{ title }}</title><ul>{% for row in rows %}
<li class="{{ row.programme__chapter__colour }}"><a href="/activities/{{ row.pk }}/">
{{ row.starts_on }} {{ row.starts_at }} {{ row.title }}</a> {{ row.branch__short_name }}
{{ row.branch__parent__short_name }} {{ row.place }} {{ row.kind }}{% endfor %}</ul>"""


def bare_month(request, year, number):
    page = month_page(year, number, date(2000, 1, 1))
    rank = Window(RowNumber(), partition_by=[F("starts_on")], order_by=BY_HOUR)
    rows = (
        Activity.objects.public()
        .filter(starts_on__gte=page.shown_first, starts_on__lt=page.shown_end)
        .annotate(rank=rank)
        .filter(rank__lte=CalendarMonthView.per_day)
        .order_by("starts_on", "rank")
        .values(*LINE_FIELDS)
    )
    template = engines["django"].from_string(LIST)
    return HttpResponse(template.render({"title": page.title, "rows": rows}))


urlpatterns = [
    path("bare/calendar/<int:year>/<int:number>/", bare_month),
    path("", include("config.urls")),
]
