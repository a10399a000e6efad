from django.urls import path

from federation import views
from federation.account_pages import ResetView
from federation.health import healthz

app_name = "federation"
urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("branches/", views.BranchListView.as_view(), name="branches"),
    path("branches/<slug:code>/", views.BranchView.as_view(), name="branch"),
    path("search/", views.SearchView.as_view(), name="search"),
    path("healthz", healthz, name="healthz"),
    path("account/reset/", ResetView.as_view(), name="account_reset"),
]
