"""What activities belong to: chapters (板块) and programmes (项目／行动)."""

from auditlog.registry import auditlog
from django.db import models

from federation.logged import LoggedQuerySet


class ProgrammeQuerySet(LoggedQuerySet):
    def selectable(self):
        """Return the programmes an activity may belong to."""
        return self.filter(is_active=True).exclude(slug=Programme.NONE)

    def public(self):
        """Return what the public may see: all but the row that stands for none."""
        return self.exclude(slug=Programme.NONE)

    def sentinel_id(self) -> models.Value:
        """Return the key of "no programme" as a column: NULL could be no key."""
        return models.Value(Programme.NONE_ID, output_field=models.BigIntegerField())

    def with_children(self, slug: str):
        """Return the programme *slug* and the ones below it (three levels at most)."""
        return self.filter(
            models.Q(slug=slug)
            | models.Q(parent__slug=slug)
            | models.Q(parent__parent__slug=slug)
        )


class Chapter(models.Model):
    """A chapter of the work review (板块); gives its programmes their colour."""

    class Colour(models.TextChoices):
        ROSE = "rose", "胭脂"
        SPRING = "spring", "泉绿"
        GOLD = "gold", "金"
        VIOLET = "violet", "紫"
        INK = "ink", "墨"

    slug = models.SlugField("标识", max_length=64, unique=True)
    name = models.CharField("名称", max_length=50)
    colour = models.CharField("颜色", max_length=8, choices=Colour, default=Colour.INK)
    position = models.PositiveSmallIntegerField("次序", default=0)

    objects = LoggedQuerySet.as_manager()

    class Meta:
        verbose_name = "板块"
        verbose_name_plural = "板块"
        ordering = ["position", "pk"]
        default_permissions = ("view", "add", "change")

    def __str__(self):
        return self.name


class Programme(models.Model):
    """A programme or action (项目／行动). Every activity belongs to exactly one."""

    # Rollups need a value where nothing belongs to a programme: NULL is no key.
    NONE = "none"
    NONE_ID = 0  # fixed, and before every sequence: no query has to look it up
    EVERYDAY = "everyday"

    slug = models.SlugField("标识", max_length=64, unique=True)
    name = models.CharField("名称", max_length=100)
    chapter = models.ForeignKey(
        Chapter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name="板块",
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上级项目",
    )
    position = models.PositiveSmallIntegerField("次序", default=0)
    is_active = models.BooleanField("可选用", default=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        ordering = ["chapter__position", "position", "pk"]
        default_permissions = ("view", "add", "change")

    def __str__(self):
        return self.name

    @property
    def colour(self) -> str:
        return self.chapter.colour if self.chapter else Chapter.Colour.INK


auditlog.register(Chapter)
auditlog.register(Programme)
