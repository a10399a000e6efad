from django.urls import path

from families import views, walk

app_name = "families"
urlpatterns = [
    path("families/", views.CoverageView.as_view(), name="coverage"),
    path("families/walk/", walk.VillageListView.as_view(), name="walk_list"),
    path("families/walk/<str:code>/", walk.WalkView.as_view(), name="walk"),
    path("families/walk/<str:code>/send/", walk.SendView.as_view(), name="walk_send"),
    path(
        "families/walk/<str:code>/photo/", walk.PhotoView.as_view(), name="walk_photo"
    ),
]
