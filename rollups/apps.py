from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RollupsConfig(AppConfig):
    name = "rollups"
    verbose_name = "汇总"

    def ready(self):
        autodiscover_modules("indicators")
