from django.urls import path

from members import views

app_name = "members"
urlpatterns = [path("honours/", views.HonourListView.as_view(), name="honours")]
