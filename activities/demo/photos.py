"""A few drawn posters for the newest activities: generated, never committed."""

from __future__ import annotations

import math
from datetime import timedelta
from io import BytesIO
from random import Random
from uuid import UUID

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from activities.models import Activity, ActivityPhoto
from federation.demo import Demo, load, step
from federation.models import Chapter

POSTERS = 10
SIZE = (960, 640)
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
    coming = coming.select_related("programme__chapter").order_by("starts_on", "pk")
    posters = [_poster(activity, random) for activity in coming[:POSTERS]]
    load(ActivityPhoto, posters)


def _poster(activity: Activity, random: Random) -> ActivityPhoto:
    picture = BytesIO()
    draw_poster(activity.programme.colour, random).save(
        picture, "JPEG", quality=80, optimize=True
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
    """Return a poster without words: paper, a rising sun, petals, and the springs of
    the district as rings."""
    paper, strong, quiet = INK[colour]
    width, height = SIZE
    poster = Image.new("RGB", SIZE, paper)
    pen = ImageDraw.Draw(poster)
    x, y = random.randint(250, 700), random.randint(190, 280)
    pen.ellipse((x - 130, y - 130, x + 130, y + 130), fill=quiet)
    petals = random.choice((5, 6, 8))
    for number in range(petals):
        turn = 2 * math.pi * number / petals + random.random() / 5
        px, py = x + 150 * math.cos(turn), y + 150 * math.sin(turn)
        pen.ellipse((px - 46, py - 46, px + 46, py + 46), fill=strong)
    for _ in range(5):
        cx, cy = random.randint(0, width), random.randint(height - 170, height)
        for radius in range(20, 150, 26):
            box = (cx - 2 * radius, cy - radius / 2, cx + 2 * radius, cy + radius / 2)
            pen.ellipse(box, outline=strong, width=3)
    pen.rectangle((24, 24, width - 25, height - 25), outline=strong, width=4)
    return poster
