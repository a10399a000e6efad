from django.urls import path, re_path

from rollups import (
    correction_pages,
    month_pages,
    report_pages,
    submission_pages,
    target_pages,
    views,
)

app_name = "rollups"
urlpatterns = [
    path("", views.TableView.as_view(), name="table"),
    path("monthly.csv", views.CsvView.as_view(), name="monthly_csv"),
    path("monthly.xlsx", views.XlsxView.as_view(), name="monthly_xlsx"),
    path("records/", views.RecordsView.as_view(), name="records"),
    path("reports/", report_pages.ReportListView.as_view(), name="reports"),
    path(
        "reports/<slug:slug>/",
        report_pages.ReportView.as_view(),
        name="report_table",
    ),
    path(
        "reports/<slug:slug>.csv",
        report_pages.ReportCsvView.as_view(),
        name="report_csv",
    ),
    path(
        "reports/<slug:slug>.xlsx",
        report_pages.ReportXlsxView.as_view(),
        name="report_xlsx",
    ),
    path("progress/", submission_pages.ProgressView.as_view(), name="progress"),
    path(
        "report/<str:month>/<str:code>/",
        submission_pages.ReportView.as_view(),
        name="report",
    ),
    path(
        "report/<str:month>/<str:code>/figures/",
        submission_pages.FillView.as_view(),
        name="report_figures",
    ),
    path(
        "report/<str:month>/<str:code>/figures/correct/",
        submission_pages.CorrectFigureView.as_view(),
        name="report_correct_figure",
    ),
    path(
        "report/<str:month>/<str:code>/confirm/",
        submission_pages.ConfirmView.as_view(),
        name="report_confirm",
    ),
    path(
        "report/<str:month>/<str:code>/zero/",
        submission_pages.ZeroView.as_view(),
        name="report_zero",
    ),
    path(
        "report/<str:month>/<str:code>/return/",
        submission_pages.ReturnView.as_view(),
        name="report_return",
    ),
    path("expected/", submission_pages.ExpectationView.as_view(), name="expected"),
    path("reminders/", submission_pages.RemindersView.as_view(), name="reminders"),
    path(
        "months/<str:month>/due/",
        submission_pages.DeadlineView.as_view(),
        name="month_due",
    ),
    path(
        "corrections/",
        correction_pages.CorrectionListView.as_view(),
        name="corrections",
    ),
    path(
        "corrections/<int:pk>/",
        correction_pages.CorrectionView.as_view(),
        name="correction",
    ),
    path(
        "corrections/<int:pk>/approve/",
        correction_pages.ApproveView.as_view(),
        name="correction_approve",
    ),
    path(
        "corrections/<int:pk>/return/",
        correction_pages.ReturnView.as_view(),
        name="correction_return",
    ),
    path(
        "corrections/<int:pk>/decline/",
        correction_pages.DeclineView.as_view(),
        name="correction_decline",
    ),
    path(
        "corrections/<int:pk>/withdraw/",
        correction_pages.WithdrawView.as_view(),
        name="correction_withdraw",
    ),
    path(
        "corrections/<int:pk>/again/",
        correction_pages.AgainView.as_view(),
        name="correction_again",
    ),
    path("targets/", target_pages.TargetsView.as_view(), name="targets"),
    path("months/", month_pages.MonthListView.as_view(), name="months"),
    path("months/<str:month>/", month_pages.MonthView.as_view(), name="month"),
    path(
        "months/<str:month>/close/", month_pages.CloseView.as_view(), name="month_close"
    ),
    path(
        "months/<str:month>/reopen/",
        month_pages.ReopenView.as_view(),
        name="month_reopen",
    ),
    path(
        "revisions/<str:month>/<int:number>/",
        month_pages.RevisionView.as_view(),
        name="revision",
    ),
    re_path(
        r"^revisions/(?P<month>[0-9]{4}-[0-9]{2})/(?P<number>[0-9]{1,6})"
        r"\.(?P<suffix>csv|xlsx)$",
        month_pages.RevisionFileView.as_view(),
        name="revision_file",
    ),
]
