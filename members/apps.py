from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "执委"

    def ready(self):
        from members import closings  # noqa: F401
