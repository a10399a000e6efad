from django.urls import path

from families import views

app_name = "families"
urlpatterns = [
    path("families/", views.CoverageView.as_view(), name="coverage"),
]
