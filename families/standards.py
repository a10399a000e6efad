"""Standards (评选标准): a version is followed by a newer one, never rewritten.

``FIRST`` are the two a district starts from; ``load_first`` writes them.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from families.models import Criterion, Standard
from families.models.choices import Subject

WHOLE = 100

NOT_WHOLE = "各项分值合计应为 100 分，现在是 {total} 分，请调整。"


class Line(NamedTuple):
    """One criterion. *weight* 0: a veto."""

    name: str
    weight: int
    hint: str


FIRST = {
    Subject.HOUSEHOLD: (
        {"name": "出彩人家示范户标准", "model_mark": 85, "fair_mark": 70},
        (
            Line("庭院整洁", 25, "院内地面干净，杂物分类摆放，农具、柴草不乱堆。"),
            Line("居室整洁", 20, "门窗明亮，床铺整齐，物品摆放有序，没有异味。"),
            Line("厨厕卫生", 20, "灶台、餐具干净，厕所清洁，垃圾及时分类清运。"),
            Line("绿化布局", 15, "房前屋后有花有绿，菜地整齐，晾晒有固定位置。"),
            Line("家风文明", 20, "家庭和睦，邻里互助，孝老爱亲，移风易俗。"),
            Line("一票否决", 0, "有不能参评的情形就勾选，不用写原因。"),
        ),
    ),
    Subject.VILLAGE: (
        {
            "name": "出彩人家示范村标准",
            "model_mark": 85,
            "fair_mark": 70,
            "least_share": 50,
        },
        (
            Line("村容整洁", 30, "主街、巷道和公共场所干净，没有乱堆乱放、乱贴乱画。"),
            Line("垃圾分类", 20, "有分类投放点，清运及时，村民会分、愿分。"),
            Line("示范带动", 20, "示范户分布各组，每组至少一户，能带动邻居。"),
            Line("组织有力", 15, "妇联执委分片包户，每季度评比并公布结果。"),
            Line("乡风文明", 15, "村规民约有家庭文明内容，红白事简办。"),
            Line("一票否决", 0, "有不能参评的情形就勾选，不用写原因。"),
        ),
    ),
}


@transaction.atomic
def load_first(applies_from: date) -> list[Standard]:
    """Write the two standards a district starts from and return them; what has a
    standard already keeps it."""
    loaded = []
    for subject, (values, lines) in FIRST.items():
        if Standard.objects.filter(subject=subject).exists():
            continue
        standard = Standard.objects.create(
            subject=subject, applies_from=applies_from, **values
        )
        Criterion.objects.bulk_create(
            [
                Criterion(
                    standard=standard,
                    position=place,
                    name=line.name,
                    weight=line.weight,
                    is_veto=not line.weight,
                    hint=line.hint,
                )
                for place, line in enumerate(lines, start=1)
            ]
        )
        loaded.append(standard)
    return loaded


def refuse_weights(weights: list[int]) -> None:
    """Raise ValidationError unless the *weights* of a standard are a whole."""
    if (total := sum(weights)) != WHOLE:
        raise ValidationError(NOT_WHOLE.format(total=total))
