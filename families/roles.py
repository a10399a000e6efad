"""Which role may do what with households, inspections and recognitions."""

from federation.roles import Role, allow

_READ = tuple(
    f"families.view_{name}"
    for name in ("household", "standard", "inspection", "batch", "recognition", "plate")
)
# A village keeps its own register and looks at its own households first.
_ENTER = (
    "families.add_household",
    "families.change_household",
    "families.import_household",
    "federation.view_importrun",  # of what she handed in
    "families.add_inspection",
    "families.change_inspection",
    "families.apply_recognition",
)
_DECIDE = (
    "families.export_household",
    "families.add_batch",
    "families.change_batch",
    "families.review_recognition",
    "families.revoke_recognition",
    "families.print_plate",
)
allow(Role.CLERK, *_READ, *_ENTER)
allow(Role.REVIEWER, *_READ, *_ENTER, *_DECIDE)
allow(
    Role.DISTRICT_ADMIN,
    *_READ,
    *_ENTER,
    *_DECIDE,
    "families.grant_recognition",
    "families.add_standard",
    "families.change_standard",
)
allow(Role.AUDITOR, *_READ)
