"""Which role may read the rollups, report a month, return a report, set a year's
targets, see who was reminded and design reports. A clerk reads and reports her own
branch's."""

from federation.roles import Role, allow

for role in Role:
    allow(
        role,
        "rollups.view_rollup",
        "rollups.export_rollup",
        "rollups.view_submission",
        "rollups.view_correction",
        "rollups.view_target",
        "rollups.view_reportedfigure",
    )
for role in (Role.CLERK, Role.REVIEWER, Role.DISTRICT_ADMIN):
    allow(role, "rollups.report_submission", "rollups.add_correction")
for role in (Role.REVIEWER, Role.DISTRICT_ADMIN):
    allow(role, "rollups.return_submission", "rollups.review_correction")
allow(Role.DISTRICT_ADMIN, "rollups.change_target")
for role in (Role.REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR):
    allow(role, "rollups.view_reminder")

for role in Role:
    allow(role, "rollups.view_reporttemplate", "rollups.view_reportcolumn")
allow(
    Role.DISTRICT_ADMIN,
    "rollups.add_reporttemplate",
    "rollups.change_reporttemplate",
    "rollups.add_reportcolumn",
    "rollups.change_reportcolumn",
    "rollups.delete_reportcolumn",
)

DEFINITIONS = (
    "rollups.view_reportedindicator",
    "rollups.view_reportedbatch",
    "rollups.view_derivedindicator",
    "rollups.view_baseline",
)
allow(Role.AUDITOR, *DEFINITIONS)
allow(
    Role.DISTRICT_ADMIN,
    *DEFINITIONS,
    "rollups.add_reportedindicator",
    "rollups.change_reportedindicator",
    "rollups.add_reportedbatch",
    "rollups.change_reportedbatch",
    "rollups.delete_reportedbatch",
    "rollups.add_derivedindicator",
    "rollups.change_derivedindicator",
    "rollups.add_baseline",
    "rollups.change_baseline",
    "rollups.delete_baseline",
)
