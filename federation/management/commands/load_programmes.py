"""Load the chapters and programmes of the work review; edits stay as they are."""

from django.core.management.base import BaseCommand

from federation.programmes import load_programmes


class Command(BaseCommand):
    help = "载入工作回顾的板块、项目和行动；已有的不改动，可重复运行。"

    def handle(self, **options):
        added = load_programmes()
        self.stdout.write(f"新增 {added} 个板块和项目，已有的没有改动。")
