"""Which role may do what with activities."""

from federation.roles import Role, allow

_READ = (
    "activities.view_activity",
    "activities.view_activityphoto",
    "activities.view_activitypartner",
    "activities.view_reviewround",
    "activities.view_series",
)
_ENTER = (
    "activities.add_activity",
    "activities.change_activity",
    "activities.delete_activity",
    "activities.add_activityphoto",
    "activities.change_activityphoto",
    "activities.delete_activityphoto",
    "activities.add_activitypartner",
    "activities.change_activitypartner",
    "activities.delete_activitypartner",
    "activities.add_series",
)
allow(Role.CLERK, *_READ, *_ENTER)
allow(Role.REVIEWER, *_READ, *_ENTER, "activities.review_activity")
allow(Role.DISTRICT_ADMIN, *_READ, *_ENTER, "activities.review_activity")
allow(Role.AUDITOR, *_READ)
