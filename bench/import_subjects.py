"""What is brought in by ``bench.imports``: a roster of committees and one of
households, each with the plain loop over the same rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

HEADER = ["组织编码", "姓名", "性别", "出生年月", "民族", "学历", "政治面貌", "手机号"]
HEADER += ["职务", "任职时间"]
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴", "芳娜敏静秀丽艳娟霞平兰英华玉红"
EDUCATION = {"高中": "secondary", "大专": "college", "本科": "bachelor"}
POLITICAL = {"中共党员": "party", "群众": "masses", "共青团员": "league"}
HOUSEHOLD_HEADER = ["组织编码", "户号", "户主", "村组", "门牌", "手机号", "庭院"]
HOUSEHOLD_HEADER += ["居住情况"]


@dataclass(frozen=True)
class Subject:
    """One kind of file: ``sizes`` are {rows: rounds}, the workbook's lines come from
    ``line`` (number, code of the village), ``plain_loop`` takes (content, villages)."""

    register: str
    sizes: dict[int, int]
    header: list[str]
    line: Callable[[int, str], tuple]
    plain_loop: Callable[[bytes, dict], None]
    rows_of: Callable

    def workbook(self, rows: int, branches: dict) -> bytes:
        """Return a file of *rows* lines, spread over the villages."""
        from xlsxwriter import Workbook

        codes = list(branches)
        written = io.BytesIO()
        with Workbook(written, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("名册")
            sheet.write_row(0, 0, self.header)
            for n in range(rows):
                sheet.write_row(n + 1, 0, self.line(n, codes[n % len(codes)]))
        return written.getvalue()

    def take_in(self, content: bytes, branches: dict) -> None:
        from federation.imports import runs
        from federation.imports.registers import register_of
        from federation.models import Branch, User

        user, root = User.objects.get(), Branch.objects.root()
        register = register_of(self.register)
        run = runs.start(register, root, user, "名册.xlsx", content, {})
        runs.confirm(run, user)
        if runs.carry_out() != 1 or self.rows_of().count() != run.create_count:
            raise SystemExit(f"not taken in: {run.refused_count} refused")


def name_of(n: int) -> str:
    return FAMILY[n % 10] + GIVEN[n // 10 % 15] + GIVEN[n // 150 % 15]


def sheet_rows(content: bytes) -> list[list]:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return sheet.to_python()[1:]


def person_line(n: int, code: str) -> tuple:
    born = f"{1950 + n // 2250 % 50}.{n % 12 + 1}"
    return (
        *(code, name_of(n), "女", born, "汉族", list(EDUCATION)[n % 3]),
        *(list(POLITICAL)[n // 3 % 3], f"13{n:09d}", "执委", "2021.3"),
    )


def household_line(n: int, code: str) -> tuple:
    number = n // 594 + 1
    return (
        *(code, number, name_of(n), f"{n % 5 + 1}组", f"{number} 号", f"13{n:09d}"),
        *("有" if n % 10 else "无", "常住" if n % 12 else "空置"),
    )


def people_by_hand(content: bytes, branches: dict) -> None:
    from django.db.models import QuerySet

    from members.models import Member, Post

    members, posts = [], []
    for row in sheet_rows(content):
        code, name, _, born, ethnicity, education, political, phone, _, since = row
        member = Member(
            branch=branches[code],
            name=name,
            gender="female",
            birth_month=month(born),
            ethnicity=ethnicity,
            education=EDUCATION[education],
            political_status=POLITICAL[political],
            phone=phone,
        )
        member.describe()
        member.clean_fields(exclude=["branch", "account", "merged_into"])
        post = Post(
            member=member,
            branch=branches[code],
            title="committee",
            started_on=month(since),
        )
        post.clean_fields(exclude=["member", "branch", "term"])
        members.append(member)
        posts.append(post)
    QuerySet(Member).bulk_create(members, batch_size=500)
    for post in posts:
        post.member = post.member
    QuerySet(Post).bulk_create(posts, batch_size=500)


def households_by_hand(content: bytes, branches: dict) -> None:
    from django.db.models import QuerySet

    from families.models import Household

    households = []
    for row in sheet_rows(content):
        code, number, name, group, door, phone, courtyard, occupancy = row
        household = Household(
            branch=branches[code],
            number=int(number),
            contact_name=name,
            group=group,
            door=door,
            phone=phone,
            has_courtyard=courtyard == "有",
            occupancy="lived_in" if occupancy == "常住" else "empty",
        )
        household.describe()
        household.clean_fields(exclude=["branch"])
        households.append(household)
    QuerySet(Household).bulk_create(households, batch_size=500)


def posts():
    from members.models import Post

    return Post.objects.all()


def households():
    from families.models import Household

    return Household.objects.all()


def month(text: str) -> date:
    year, number = text.split(".")
    return date(int(year), int(number), 1)


SUBJECTS = {
    subject.register: subject
    for subject in (
        Subject(
            *("roster", {5_000: 4, 60_000: 2}, HEADER, person_line),
            *(people_by_hand, posts),
        ),
        Subject(
            *("households", {5_000: 4, 62_000: 2}, HOUSEHOLD_HEADER, household_line),
            *(households_by_hand, households),
        ),
    )
}
