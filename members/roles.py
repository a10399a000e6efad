"""Which role may do what with the register of people."""

from federation.roles import Role, allow

_KEPT = ("member", "post", "term", "honour", "delegate")
_READ = tuple(f"members.view_{name}" for name in (*_KEPT, "election"))
_KEEP = (
    *(f"members.{verb}_{name}" for name in _KEPT for verb in ("add", "change")),
    "members.merge_member",
    "members.import_member",
    "members.export_member",
    "members.add_election",
    "members.change_election",
    "members.confirm_election",
)
_LENGTHS = tuple(f"members.{verb}_termlength" for verb in ("view", "add", "change"))
allow(Role.CLERK, *_READ)
allow(Role.REVIEWER, *_READ, *_KEEP)
allow(Role.DISTRICT_ADMIN, *_READ, *_KEEP, *_LENGTHS, "federation.view_disclosure")
allow(Role.AUDITOR, *_READ, "members.view_termlength", "federation.view_disclosure")
