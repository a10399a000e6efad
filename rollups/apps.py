from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RollupsConfig(AppConfig):
    name = "rollups"
    verbose_name = "汇总"

    def ready(self):
        from federation import health
        from rollups.closings import chain_head

        autodiscover_modules("indicators")
        health.also("revisions", chain_head)
