from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RollupsConfig(AppConfig):
    name = "rollups"
    verbose_name = "汇总"

    def ready(self):
        from federation import health
        from rollups.closings import chain_head
        from rollups.reported import late  # noqa: F401
        from rollups.submissions import tree  # noqa: F401

        autodiscover_modules("indicators")
        autodiscover_modules("reporting")
        autodiscover_modules("reminding")
        autodiscover_modules("corrections")
        health.also("revisions", chain_head)
