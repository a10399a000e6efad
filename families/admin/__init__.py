from families.admin import households  # noqa: F401
