"""Who the people are: drawn by the level of their branch, all invented."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from federation.demo.names import invent_name
from federation.models import Branch
from federation.models.branches import initials_of
from members.ethnicities import HAN
from members.models.choices import Education, PoliticalStatus, Title

Level, Kind = Branch.Level, Branch.Kind
YOUNGEST, OLDEST = 20, 64

# (mean, standard deviation) of the age today
AGES = {
    Level.DISTRICT: (45, 6),
    Level.TOWN: (42, 7),
    Level.VILLAGE: (46, 9),
    Level.UNIT: (35, 7),
}


class Draw:
    """Draws one of some values by their weights."""

    def __init__(self, weights: dict[Any, float]):
        self.values = list(weights)
        self.bounds = list(accumulate(weights.values()))

    def __call__(self, random: Random):
        return random.choices(self.values, cum_weights=self.bounds)[0]


_OFFICE = Draw({Education.COLLEGE: 24, Education.BACHELOR: 66, Education.GRADUATE: 10})
EDUCATIONS = {
    Level.DISTRICT: _OFFICE,
    Level.TOWN: _OFFICE,
    Level.VILLAGE: Draw(
        {
            Education.JUNIOR: 27,
            Education.SECONDARY: 34,
            Education.COLLEGE: 24,
            Education.BACHELOR: 11,
            Education.GRADUATE: 1,
            "": 3,
        }
    ),
    Level.UNIT: Draw(
        {
            Education.SECONDARY: 14,
            Education.COLLEGE: 38,
            Education.BACHELOR: 42,
            Education.GRADUATE: 6,
        }
    ),
}
_FEW = {PoliticalStatus.DEMOCRATIC: 3, PoliticalStatus.MASSES: 13}
_OFFICIALS = Draw({PoliticalStatus.PARTY: 84} | _FEW)
POLITICS = {
    Level.DISTRICT: _OFFICIALS,
    Level.TOWN: _OFFICIALS,
    Level.VILLAGE: Draw({PoliticalStatus.PARTY: 44, PoliticalStatus.MASSES: 54, "": 2}),
    Level.UNIT: Draw({PoliticalStatus.PARTY: 31, PoliticalStatus.MASSES: 69}),
}
ETHNICITIES = Draw({HAN: 974, "回族": 22, "满族": 3, "蒙古族": 1})
SKILLS = Draw(
    {"": 70, "剪纸": 5, "广场舞": 6, "面塑": 3, "家庭教育": 6, "电商直播": 5, "调解": 5}
)
# Occupation → work unit; the place stands for {}.
WORK = {
    Level.DISTRICT: Draw(
        {
            ("机关干部", "区直机关妇工委"): 5,
            ("教师", "区教育系统"): 3,
            ("医务人员", "区人民医院"): 2,
            ("企业管理人员", "区女企业家协会"): 2,
        }
    ),
    Level.TOWN: Draw(
        {
            ("机关干部", "{}机关"): 7,
            ("教师", "{}中心学校"): 2,
            ("医务人员", "{}卫生院"): 2,
            ("社区工作者", "{}便民服务中心"): 3,
        }
    ),
    Level.VILLAGE: Draw(
        {
            ("农民", ""): 46,
            ("村（社区）工作者", "{}"): 20,
            ("个体经营者", ""): 14,
            ("乡村医生", "{}卫生室"): 3,
            ("幼儿教师", "{}幼儿园"): 4,
            ("合作社负责人", "{}种植合作社"): 3,
            ("", ""): 10,
        }
    ),
    Level.UNIT: Draw({("企业职工", "{}"): 6, ("企业管理人员", "{}"): 2, ("", ""): 1}),
}


def person(random: Random, branch: Branch, since: date, today: date) -> dict:
    """Return the facts of a member of *branch* who was grown up *since* then."""
    level = branch.level
    name = invent_name(random)
    age = random.gauss(*AGES[level])
    grown = YOUNGEST + (today - since).days / 365.25
    age = min(max(age, grown), OLDEST)
    born = today - timedelta(days=int(age * 365.25))
    occupation, unit = WORK[level](random)
    return {
        "name": name,
        "initials": "".join(map(_initial, name)),
        "given_name": name[1:],
        "birth_month": born.replace(day=1),
        "ethnicity": ETHNICITIES(random),
        "education": EDUCATIONS[level](random),
        "political_status": _politics(random, level, age),
        "occupation": occupation,
        "work_unit": unit.format(branch.short_name),
        "is_grid_worker": level == Level.VILLAGE and random.random() < 0.28,
        "is_new_employment": random.random() < _in_new_jobs(branch),
        "skills": SKILLS(random),
        # 100…: the shape of a mobile number, and none that was ever given out.
        "phone": f"100{random.randrange(10**8):08d}",
    }


def facts_of_office(random: Random, level: str, title: str) -> dict:
    """Return what depends on the title she holds now."""
    is_chair = title == Title.CHAIR
    of_village = 0.93 if is_chair else 0.24
    return {
        "is_village_cadre": level == Level.VILLAGE and random.random() < of_village,
        "publishes_name": is_chair and random.random() < 0.2,
    }


def _politics(random: Random, level: str, age: float) -> str:
    if age < 28 and random.random() < 0.5:
        return PoliticalStatus.LEAGUE
    return POLITICS[level](random)


def _in_new_jobs(branch: Branch) -> float:
    if branch.kind == Kind.NEW_JOBS:
        return 0.9
    return 0.25 if branch.level == Level.UNIT else 0.015


@cache
def _initial(character: str) -> str:
    return initials_of(character)
