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
