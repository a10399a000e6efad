"""Which role may do what with the register of people."""

from federation.roles import Role, allow

_READ = ("members.view_member", "members.view_post", "members.view_term")
_KEEP = (
    "members.add_member",
    "members.change_member",
    "members.add_post",
    "members.change_post",
    "members.add_term",
    "members.change_term",
)
allow(Role.CLERK, *_READ)
allow(Role.REVIEWER, *_READ, *_KEEP)
allow(Role.DISTRICT_ADMIN, *_READ, *_KEEP)
allow(Role.AUDITOR, *_READ)
