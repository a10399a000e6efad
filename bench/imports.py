"""
What taking a roster in costs beside a plain loop over the same rows:
``python -m bench.imports``. Exits 1 on a miss.

The plain loop reads with calamine, builds the people and their posts, runs
``clean_fields()`` (without the foreign keys, which would ask the database for each row)
and inserts the rows with Django's own ``bulk_create``: no preview, no scope, no rules,
no audit log, no journal, no undo. Both run on a private PostgreSQL in transactions that
are rolled back, turn by turn. What counts is the least seconds of the processor of
each: of this process, of the child that reads the file, and of the database's session.
Neighbours on the machine disturb them least.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

from bench import setup
from bench.cluster import private_postgresql

SIZES = {5_000: 4, 60_000: 2}  # rows: rounds
MOST = 3.0
MOST_QUERIES = 30.0  # for 1,000 rows
TOWNS, VILLAGES = 18, 33
HEADER = ["组织编码", "姓名", "性别", "出生年月", "民族", "学历", "政治面貌", "手机号"]
HEADER += ["职务", "任职时间"]
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴", "芳娜敏静秀丽艳娟霞平兰英华玉红"
EDUCATION = {"高中": "secondary", "大专": "college", "本科": "bachelor"}
POLITICAL = {"中共党员": "party", "群众": "masses", "共青团员": "league"}


def main() -> int:
    with private_postgresql() as database:
        environment = os.environ | {
            "DATABASE_URL": database("imports"),
            "ENV_FILE": os.devnull,
        }
        environment.pop("REDIS_URL", None)
        command = [sys.executable, "-m", "bench.imports", "measure"]
        return subprocess.run(command, cwd=setup.ROOT, env=environment).returncode


def measure() -> int:
    setup.start()
    from django.core.management import call_command

    from federation.models import User

    call_command("migrate", verbosity=0)
    branches = plant()
    User.objects.create_superuser("bench", "x", name="甲")
    missed, rates = 0, []
    for rows, rounds in SIZES.items():
        content = workbook(rows, branches)
        ours, plain = [], []
        for _ in range(rounds):
            plain.append(rolled_back(plain_loop, content, branches)[0])
            seconds, queries = rolled_back(take_in, content, branches)
            ours.append(seconds)
        ratio, rate = min(ours) / min(plain), queries * 1000 / rows
        rates.append(rate)
        missed += ratio > MOST or rate > MOST_QUERIES
        print(
            f"{rows:>7,} rows: preview and confirm / plain loop {ratio:.2f} (at most "
            f"{MOST:.0f}), {rate:.1f} queries for 1,000 rows (at most "
            f"{MOST_QUERIES:.0f})"
        )
    missed += max(rates) > 1.2 * min(rates) and max(rates) == rates[-1]
    return 1 if missed else 0


def rolled_back(work, *arguments) -> tuple[float, int]:
    """Return (seconds, queries) of *work*, and undo it."""
    from django.db import connection, transaction

    queries = 0

    def count(execute, *call):
        nonlocal queries
        queries += 1
        return execute(*call)

    with transaction.atomic():
        began = processor_seconds()
        with connection.execute_wrapper(count):
            work(*arguments)
        seconds = processor_seconds() - began
        transaction.set_rollback(True)
    return seconds, queries


def processor_seconds() -> float:
    from django.db import connection

    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(kind) for kind in kinds]
    session = connection.connection.info.backend_pid
    # The fields after the name in brackets; the 12th and 13th are ticks of work.
    ticks = Path(f"/proc/{session}/stat").read_text().rpartition(")")[2].split()
    served = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return served + sum(usage.ru_utime + usage.ru_stime for usage in usages)


def plant() -> dict:
    """Make the tree and return its villages by code."""
    from federation import successions
    from federation.models import Branch

    def branch(code, name, level, parent):
        return Branch(
            code=code, name=f"{name}妇联", short_name=name, level=level, parent=parent
        )

    root = branch("370114", "章丘区", "district", None)
    towns = [
        branch(f"370114{n:03d}", f"第{n}街道", "town", root)
        for n in range(1, TOWNS + 1)
    ]
    villages = [
        branch(f"{town.code}{n:03d}", f"第{n}村", "village", town)
        for town in towns
        for n in range(1, VILLAGES + 1)
    ]
    successions.place_together([root, *towns, *villages])
    return {branch.code: branch for branch in Branch.objects.filter(level="village")}


def workbook(rows: int, branches: dict) -> bytes:
    """Return a roster of *rows* people, spread over the villages."""
    from xlsxwriter import Workbook

    codes = list(branches)
    written = io.BytesIO()
    with Workbook(written, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, HEADER)
        for n in range(rows):
            name = FAMILY[n % 10] + GIVEN[n // 10 % 15] + GIVEN[n // 150 % 15]
            born = f"{1950 + n // 2250 % 50}.{n % 12 + 1}"
            facts = (
                ("女", born, "汉族", list(EDUCATION)[n % 3])
                + (list(POLITICAL)[n // 3 % 3], f"13{n:09d}")
                + ("执委", "2021.3")
            )
            sheet.write_row(n + 1, 0, (codes[n % len(codes)], name, *facts))
    return written.getvalue()


def take_in(content: bytes, branches: dict) -> None:
    from federation.imports import runs
    from federation.imports.registers import register_of
    from federation.models import Branch, User
    from members.models import Post

    user = User.objects.get()
    root = Branch.objects.root()
    run = runs.start(register_of("roster"), root, user, "名册.xlsx", content, {})
    runs.confirm(run, user)
    if runs.carry_out() != 1 or Post.objects.count() != run.create_count:
        raise SystemExit(f"not taken in: {run.refused_count} refused")


def plain_loop(content: bytes, branches: dict) -> None:
    from django.db.models import QuerySet
    from python_calamine import CalamineWorkbook

    from members.models import Member, Post

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    members, posts = [], []
    for row in sheet.to_python()[1:]:
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


def month(text: str) -> date:
    year, number = text.split(".")
    return date(int(year), int(number), 1)


if __name__ == "__main__":
    sys.exit(measure() if sys.argv[1:] else main())
