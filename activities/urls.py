from django.urls import path, register_converter

from activities import feeds, views
from activities.photo_view import photo


class TwoDigits:
    """A month, week or day number, written with two digits: ``/2026/03/``."""

    regex = "[0-9]{1,2}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return f"{value:02d}"


register_converter(TwoDigits, "dd")

app_name = "activities"
urlpatterns = [
    path("calendar/", views.CalendarTodayView.as_view(), name="calendar"),
    path("calendar.ics", feeds.calendar_feed, name="feed"),
    path(
        "calendar/<int:year>/<dd:number>/",
        views.CalendarMonthView.as_view(),
        name="calendar_month",
    ),
    path(
        "calendar/<int:year>/w<dd:number>/",
        views.CalendarWeekView.as_view(),
        name="calendar_week",
    ),
    path(
        "calendar/<int:year>/<dd:month>/<dd:number>/",
        views.CalendarDayView.as_view(),
        name="calendar_day",
    ),
    path("activities/<int:pk>/", views.ActivityDetailView.as_view(), name="detail"),
    path("photos/<uuid:key>.jpg", photo, name="photo"),
    path("activities/<int:pk>.ics", feeds.activity_feed, name="activity_feed"),
]
