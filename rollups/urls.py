from django.urls import path

from rollups import views

app_name = "rollups"
urlpatterns = [
    path("", views.TableView.as_view(), name="table"),
    path("monthly.csv", views.CsvView.as_view(), name="monthly_csv"),
    path("monthly.xlsx", views.XlsxView.as_view(), name="monthly_xlsx"),
    path("records/", views.RecordsView.as_view(), name="records"),
]
