"""Bring database, static files and demo up to date; say who can log in."""

import os

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    is_empty = not get_user_model().objects.exists()
    if is_empty and settings.DEBUG:
        load_demo()
    elif is_empty:
        print(
            "还没有账号。请创建第一个区级账号：\n"
            "    .venv/bin/python manage.py create_district_account <name>"
        )


def load_demo() -> None:
    from federation.models import Branch

    if Branch.objects.exists():
        print("数据库中已有组织，不再载入演示数据。")
        return
    print("首次启动：正在载入演示数据……")
    # All or nothing: a start that was broken off leaves an empty database, and
    # the next one loads the demo again.
    with transaction.atomic():
        call_command("seed_demo")


if __name__ == "__main__":
    main()
