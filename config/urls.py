"""All addresses of the site: each app's own, the admin and the API."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.api import router

urlpatterns = [
    path("admin/", admin.site.urls),
    path("rollups/", include("rollups.urls")),
    path("api/v1/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    # The split view keeps its script out of the page, as the strict CSP asks.
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema"),
        name="docs",
    ),
    path("", include("activities.urls")),
    path("", include("members.urls")),
    path("", include("families.urls")),
    path("", include("federation.urls")),
]
