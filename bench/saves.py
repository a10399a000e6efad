"""
Whether somebody can save while a month is closed on SQLite, whose one writer makes all
others wait: ``python -m bench.saves FILE``, a new database. Prints how many saves of
another month's activities fell inside the closing, and how many failed.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from datetime import timedelta

from bench import setup

PHONES = 4
ACTIVITIES = 6_000


def main() -> None:
    setup.start()
    month, branch, programme, clerk = _office()
    answers, ended = [], threading.Event()
    held, span = threading.Event(), {}
    ready = threading.Barrier(PHONES + 1)
    _say_when_it_holds(held)

    def close():
        from rollups import closings

        ready.wait()
        try:
            span["began"] = time.perf_counter()
            closings.close(month, None)
        finally:
            span["ended"] = time.perf_counter()
            ended.set()
            _leave()

    def save():
        phone = _phone_of(clerk)
        day = month.next().first_day.isoformat()
        ready.wait()
        held.wait(60)
        while not ended.is_set():
            began = time.perf_counter()
            answer = phone.post(ADD, _typed(branch, programme, day))
            answers.append((began, answer.status_code))
        _leave()

    savers = [threading.Thread(target=save) for _ in range(PHONES)]
    for thread in savers:
        thread.start()
    closer = threading.Thread(target=close)
    closer.start()
    for thread in (*savers, closer):
        thread.join()
    inside = [status for began, status in answers if began < span["ended"]]
    print(
        json.dumps(
            {
                "saves": len(inside),
                "failed": sum(status != 302 for _, status in answers),
                "seconds": round(span["ended"] - span["began"], 1),
            }
        )
    )


ADD = "/admin/activities/activity/add/"


def _office():
    """Return last month, with all its activities, and a village that goes on."""
    from django.core.management import call_command

    from activities.models import Activity
    from federation.imports.branches import import_branches
    from federation.models import Branch, Grant, Programme, ReportingMonth, User
    from federation.months import Month
    from federation.programmes import load_programmes

    call_command("migrate", verbosity=0)
    import_branches(setup.ROOT / "federation/data/zhangqiu_divisions.csv")
    load_programmes()
    month = Month.current().previous()
    for one in (month, month.next()):
        ReportingMonth.objects.get_or_create(month=one.first_day)
    programmes = list(Programme.objects.selectable())
    branches = list(Branch.objects.order_by("path"))
    Activity.objects.bulk_create(
        _held(month, branches[n % len(branches)], programmes[n % len(programmes)], n)
        for n in range(ACTIVITIES)
    )
    village = branches[-1]
    clerk = User.objects.create_user("phone", name="录入员", branch=village)
    Grant.objects.create(
        user=clerk, branch=village, role="clerk", starts_on=month.first_day
    )
    return month, village, programmes[0], clerk


def _held(month, branch, programme, number: int):
    from django.utils import timezone

    from activities.models import Activity

    day = month.first_day + timedelta(days=number % 28)
    return Activity(
        title="反家庭暴力法宣讲",
        branch=branch,
        programme=programme,
        starts_on=day,
        ends_on=day,
        attendance_offline=10 + number % 50,
        happening="held",
        review="approved",
        approved_at=timezone.now(),
        result_approved_at=timezone.now(),
    )


def _say_when_it_holds(held: threading.Event) -> None:
    """Set *held* once the closing has the write lock and has begun to count."""
    from rollups.closings import closing

    count = closing._count

    def told(*arguments):
        held.set()
        return count(*arguments)

    closing._count = told


def _phone_of(user):
    from django.test import Client

    phone = Client(raise_request_exception=False)
    phone.force_login(user, "federation.auth.ScopeBackend")
    return phone


def _typed(branch, programme, day: str) -> dict:
    """Return what the entry form of a phone sends."""
    return {
        "programme": programme.pk,
        "title": "手机上录的活动",
        "starts_on": day,
        "place": "妇女之家",
        "kind": "law",
        "format": "offline",
        "branch": branch.pk,
        "visibility": "public",
        "happening": "planned",
        "client_token": str(uuid.uuid4()),
        "partners-TOTAL_FORMS": "0",
        "partners-INITIAL_FORMS": "0",
        "_draft": "",
    }


def _leave() -> None:
    from django.db import connection

    connection.close()


if __name__ == "__main__":
    sys.exit(main())
