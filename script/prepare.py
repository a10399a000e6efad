"""Bring database, static files and demo up to date; say who can log in."""

import os

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)

    from federation.models import Branch

    has_users = get_user_model().objects.exists()
    has_branches = Branch.objects.exists()
    if settings.DEBUG and not has_users and not has_branches:
        print("首次启动：正在载入演示数据，约需一两分钟……", flush=True)
        call_command("seed_demo")
    elif settings.DEBUG and has_users:
        show_demo_accounts()
    elif not has_users:
        show_first_steps(has_branches)


def show_demo_accounts() -> None:
    """Print the accounts that still have the demo's password."""
    from federation.demo.accounts import ACCOUNTS, PASSWORD

    names = [account.username for account in ACCOUNTS]
    stored = dict(
        get_user_model()
        .objects.filter(username__in=names, is_active=True)
        .values_list("username", "password")
    )
    # The demo's accounts share one hash; checking one takes a while on purpose.
    is_demo = {each: check_password(PASSWORD, each) for each in set(stored.values())}
    lines = [f"{name} / {PASSWORD}" for name in names if is_demo.get(stored.get(name))]
    if lines:
        print("演示账号（用户名 / 密码）：", *lines, sep="\n")


def show_first_steps(has_branches: bool) -> None:
    print("还没有账号。请按顺序运行：")
    if not has_branches:
        print("    .venv/bin/python manage.py import_branches FILE")
        print("    .venv/bin/python manage.py load_programmes")
    print("    .venv/bin/python manage.py create_district_account <name>")


if __name__ == "__main__":
    main()
