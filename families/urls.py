from django.urls import path

from families import plate_views, views, walk

app_name = "families"
urlpatterns = [
    path("families/", views.CoverageView.as_view(), name="coverage"),
    path("families/today/", views.TodayView.as_view(), name="today"),
    path("families/walk/", walk.VillageListView.as_view(), name="walk_list"),
    path("families/walk/<str:code>/", walk.WalkView.as_view(), name="walk"),
    path("families/walk/<str:code>/send/", walk.SendView.as_view(), name="walk_send"),
    path(
        "families/walk/<str:code>/photo/", walk.PhotoView.as_view(), name="walk_photo"
    ),
    path("families/plates/<slug:token>/", plate_views.plate, name="plate"),
    path(
        "families/photos/<uuid:key>.jpg",
        plate_views.inspection_photo,
        name="inspection_photo",
    ),
]
