from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "families"
    verbose_name = "出彩人家"

    def ready(self):
        from families import closings  # noqa: F401
