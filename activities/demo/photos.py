"""A few drawn posters for the next sessions of the programmes: a hundred kilobytes,
generated and never committed."""

from __future__ import annotations

import math
from datetime import timedelta
from io import BytesIO
from random import Random
from uuid import UUID

from django.core.files.base import ContentFile
from PIL import Image, ImageColor, ImageDraw

from activities.models import Activity, ActivityPhoto
from federation.demo import Demo, load, step
from federation.models import Chapter, Programme

POSTERS = 10
SIZE = (720, 480)
FINER = 2  # drawn at twice the size, so that edges come out smooth
INK = {
    Chapter.Colour.ROSE: ("#fbe6e9", "#a32a46", "#e17b90"),
    Chapter.Colour.SPRING: ("#e3f2ec", "#1f6f5c", "#7dbfa8"),
    Chapter.Colour.GOLD: ("#fbf1d9", "#8a5a00", "#dcb04f"),
    Chapter.Colour.VIOLET: ("#efe9f7", "#5b3f8c", "#a98fd0"),
    Chapter.Colour.INK: ("#f3efe6", "#3a3a3a", "#a39c8c"),
}


@step(250, "海报")
def draw_posters(demo: Demo) -> None:
    random = demo.random("posters")
    coming = Activity.objects.public().filter(starts_on__gte=demo.today)
    coming = coming.exclude(programme__slug=Programme.EVERYDAY)
    coming = coming.select_related("programme__chapter").order_by("starts_on", "pk")
    posters = [_poster(activity, random) for activity in coming[:POSTERS]]
    load(ActivityPhoto, posters)


def _poster(activity: Activity, random: Random) -> ActivityPhoto:
    picture = BytesIO()
    draw_poster(activity.programme.colour, random).save(
        picture, "JPEG", quality=70, optimize=True
    )
    approved_at = activity.approved_at
    photo = ActivityPhoto(
        activity=activity,
        key=UUID(int=random.getrandbits(128), version=4),
        caption="活动海报",
        approved_at=approved_at,
        uploaded_by_id=activity.recorded_by_id,
        uploaded_at=approved_at - timedelta(hours=1),
    )
    photo.image.save("poster.jpg", ContentFile(picture.getvalue()), save=False)
    return photo


def draw_poster(colour: str, random: Random) -> Image.Image:
    """Return a poster without words: a sun over hills, and the rings of a spring."""
    paper, strong, quiet = INK[colour]
    width, height = (side * FINER for side in SIZE)
    poster = Image.new("RGB", (width, height), paper)
    pen = ImageDraw.Draw(poster)
    x, y = random.uniform(0.25, 0.75) * width, random.uniform(0.26, 0.36) * height
    _ring(pen, x, y, 0.13 * width, fill=quiet)
    for layer in range(3):
        nearness = (layer + 1) / 3
        top = height * (0.48 + 0.15 * layer)
        hill = _hill(random, width, top, 0.07 * height)
        shade = ImageColor.getrgb(strong), ImageColor.getrgb(paper)
        pen.polygon(
            [*hill, (width, height), (0, height)], fill=_mixed(*shade, nearness)
        )
    x = random.uniform(0.2, 0.8) * width
    for radius in (0.03, 0.07, 0.12):
        _ring(
            pen, x, 0.92 * height, radius * width, 0.3, outline=paper, width=2 * FINER
        )
    return poster.reduce(FINER)


def _ring(pen, x: float, y: float, radius: float, flat: float = 1, **look) -> None:
    pen.ellipse((x - radius, y - flat * radius, x + radius, y + flat * radius), **look)


def _hill(random: Random, width: int, top: float, rise: float) -> list:
    """Return the line of a hill from edge to edge: two waves laid together."""
    long, short = random.uniform(0, math.tau), random.uniform(0, math.tau)
    return [
        (x, top - rise * (math.sin(long + 4 * t) + 0.4 * math.sin(short + 11 * t)))
        for x, t in ((width * step / 80, step / 80) for step in range(81))
    ]


def _mixed(one, other, share: float) -> tuple[int, ...]:
    """Return *share* of the colour *one* in *other*."""
    return tuple(
        round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True)
    )
