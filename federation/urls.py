from django.urls import path

from federation import views

app_name = "federation"
urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("branches/", views.BranchListView.as_view(), name="branches"),
    path("branches/<slug:code>/", views.BranchView.as_view(), name="branch"),
    path("search/", views.SearchView.as_view(), name="search"),
]
