from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class FederationConfig(AppConfig):
    name = "federation"
    verbose_name = "组织与权限"

    def ready(self):
        from federation import checks, redaction  # noqa: F401

        autodiscover_modules("roles")
        autodiscover_modules("panels")
        autodiscover_modules("imports")
        post_migrate.connect(keep_the_sentinel, sender=self)


def keep_the_sentinel(sender, apps=None, using="default", **kwargs):
    """Keep the row that stands for "no programme", after a flush too."""
    from federation.models import Programme

    Programme.objects.using(using).get_or_create(
        pk=Programme.NONE_ID,
        defaults={"slug": Programme.NONE, "name": "不分项目", "is_active": False},
    )
