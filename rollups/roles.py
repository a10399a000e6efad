"""Which role may read the rollups. A clerk reads her own branch's."""

from federation.roles import Role, allow

for role in Role:
    allow(role, "rollups.view_rollup", "rollups.export_rollup")
