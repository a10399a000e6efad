"""
Make data of a chosen size in an empty PostgreSQL database:
``DATABASE_URL=… python -m bench.seed 54000``.

The first 54,000 activities are the same at every size. What is more lies in other
months and other branches than the measured ones, so the measured bucket, month and
branch hold identical rows; another month is then as dense as the whole.
"""

import sys

from bench import setup

BASE = 54_000
FIRST_MONTH = "2021-12-01"
MONTHS = 60
MEASURED_MONTH = 30  # counted from the first: 2024-06
DENSE_MONTH = 31
PROGRAMMES = 8

# One activity for each number; `base` decides where the number falls.
ACTIVITIES = f"""
INSERT INTO activities_activity (
    title, branch_id, programme_id, kind, format, starts_on, ends_on, starts_at,
    place, audience, lecturer, attendance_offline, attendance_online, children_count,
    count_method, summary, happening, visibility, review, approved_at,
    result_approved_at, recorded_at, updated_at, sequence, is_on_behalf)
SELECT
    (ARRAY['反家庭暴力法宣讲', '巾帼电商直播班', '亲子阅读', '健康讲座'])[1 + n %% 4],
    branches.ids[1 + place], programmes.ids[1 + n %% {PROGRAMMES}],
    'law', 'offline', day, day, TIME '08:30' + (n %% 18) * INTERVAL '30 minutes',
    '社区党群服务中心', 'women', '', 10 + n %% 50,
    CASE WHEN n %% 3 = 0 THEN n %% 40 END,
    CASE WHEN n %% 5 = 0 THEN n %% 9 END, '', '', 'held', 'public', 'approved',
    now(), now(), now(), now(), 0, false
FROM (
    SELECT n, place,
        DATE '{FIRST_MONTH}' + month * INTERVAL '1 month'
        + (n / 7 %% 28) * INTERVAL '1 day' AS day
    FROM (
        SELECT n,
            CASE WHEN n < {BASE} THEN n %% {MONTHS}
                ELSE (n %% ({MONTHS} - 1) + {MEASURED_MONTH} + 1) %% {MONTHS}
            END AS month,
            CASE WHEN n < {BASE} THEN n / {MONTHS} %% branch_count
                ELSE 1 + n / {MONTHS} %% (branch_count - 1) END AS place
        FROM generate_series(0, %s - 1) AS n,
            (SELECT COUNT(*) AS branch_count FROM federation_branch) AS counted
    ) AS placed
) AS dated,
(SELECT array_agg(id ORDER BY path DESC) AS ids FROM federation_branch) AS branches,
(SELECT array_agg(id ORDER BY id) AS ids FROM federation_programme WHERE id > 0)
    AS programmes
"""


def seed(size: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from federation.imports.branches import import_branches
    from federation.models import Mark, Programme, ReportingMonth, User
    from federation.months import Month
    from federation.programmes import load_programmes

    call_command("migrate", verbosity=0)
    import_branches(setup.ROOT / "federation/data/zhangqiu_divisions.csv")
    load_programmes()
    if Programme.objects.selectable().count() < PROGRAMMES:
        raise SystemExit("the bench needs eight programmes")
    User.objects.create_superuser("bench", name="bench")
    first = Month.parse(FIRST_MONTH[:7])
    for month in Month.range(first, first.plus(MONTHS - 1)):
        ReportingMonth.objects.get_or_create(month=month.first_day)
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITIES, [size])
        cursor.execute("VACUUM ANALYZE")
    Mark.objects.all().delete()


if __name__ == "__main__":
    setup.start()
    seed(int(sys.argv[1]))
