"""A small district with one of everything, in a village (own) and in one of the
sister street (foreign), and everybody who may want to reach it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from uuid import uuid4

from auditlog.models import LogEntry
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from activities import corrections as late_activities
from activities import review
from activities.models import Activity, ActivityPartner, Series
from families.models import Standard
from federation.disclosures import note_opened
from federation.imports import runs
from federation.imports.registers import register_of
from federation.models import (
    Branch,
    BranchStat,
    Chapter,
    Mark,
    Programme,
    ReportingMonth,
    Succession,
    User,
)
from federation.months import Month, local_today
from federation.roles import Role
from members import elections
from members.models import Candidate, Election, TermLength
from rollups import closings, corrections
from rollups.models import (
    Correction,
    DerivedIndicator,
    Reminder,
    ReportedBatch,
    ReportedIndicator,
    ReportTemplate,
    Rollup,
    Submission,
)
from tests.factories import (
    ActivityFactory,
    BaselineFactory,
    BranchFactory,
    DelegateFactory,
    DerivedIndicatorFactory,
    GrantFactory,
    HonourFactory,
    MemberFactory,
    PhotoFactory,
    PlanFactory,
    PostFactory,
    ProgrammeFactory,
    ReportedBatchFactory,
    ReportedFigureFactory,
    ResultFactory,
    TermFactory,
    UserFactory,
)
from tests.permissions import families

BACKEND = "federation.auth.ScopeBackend"
TREE_ROOT = "370114"
OWN, FOREIGN = "own", "foreign"

# What stands on the foreign rows and nowhere else: seen by whoever may not, it tells
# which page leaks. Phones are secret to the auditor too.
PHONES = {OWN: "13800138001", FOREIGN: "13900139002"}


class PlainClient(Client):
    """Asks and answers without remembering templates and contexts, which costs a
    third of the time; an error is an answer of 500."""

    def request(self, **request):
        return self.handler(self._base_environ(**request))


@contextmanager
def one_world(django_db_blocker):
    """Give a world to a whole module: it is built once, and each visit undoes what
    it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


class World:
    """The rows under ``(model, variant)``, and the accounts by the part they play."""

    def __init__(self):
        self.rows = {}
        self.forms = {}  # pages as the superuser gets them, read once
        self._build_tree()
        self.users = self._build_cast()
        for variant in (OWN, FOREIGN):
            self._fill(variant)
        self._fill_general()
        self.users["superuser"] = User.objects.create_superuser("root", "x", name="根")
        self._sessions = {
            actor: self._log_in(user) for actor, user in self.users.items()
        }

    def row(self, model, variant: str):
        return self.rows[model, variant]

    def keep(self, variant: str, row, kind: str = ""):
        self.rows[type(row), f"{variant}-{kind}" if kind else variant] = row
        return row

    def _build_tree(self):
        level = Branch.Level
        self.district = BranchFactory(
            code=TREE_ROOT, short_name="章丘区", level=level.DISTRICT
        )
        self.street = BranchFactory(
            code="370114001",
            short_name="明水街道",
            level=level.TOWN,
            parent=self.district,
        )
        self.sister_street = BranchFactory(
            code="370114002",
            short_name="双山街道",
            level=level.TOWN,
            parent=self.district,
        )
        self.places = {
            OWN: BranchFactory(
                code="370114001001", short_name="明一社区", parent=self.street
            ),
            FOREIGN: BranchFactory(
                code="370114002001", short_name="赵家庄", parent=self.sister_street
            ),
        }
        for variant, branch in self.places.items():
            self.keep(variant, branch)
            self.keep(variant, branch.placements.get())

    def _build_cast(self) -> dict:
        own, foreign = self.places[OWN], self.places[FOREIGN]
        yesterday = local_today() - timedelta(days=1)
        grants = {
            "clerk": [(own, Role.CLERK, None)],
            "reviewer": [(self.street, Role.REVIEWER, None)],
            "sister_reviewer": [(self.sister_street, Role.REVIEWER, None)],
            "district_admin": [(self.district, Role.DISTRICT_ADMIN, None)],
            "auditor": [(self.district, Role.AUDITOR, None)],
            "ended": [(self.district, Role.DISTRICT_ADMIN, yesterday)],
            # The pairs of both, and not every role at every place.
            "mixed": [
                (self.district, Role.AUDITOR, None),
                (foreign, Role.CLERK, None),
            ],
        }
        users = {}
        for actor, held in grants.items():
            users[actor] = UserFactory(
                username=f"actor_{actor}", name=f"甲{actor}", branch=held[-1][0]
            )
            for branch, role, ends_on in held:
                GrantFactory(
                    user=users[actor], branch=branch, role=role, ends_on=ends_on
                )
        return users

    def _log_in(self, user) -> str:
        client = Client()
        client.force_login(user, BACKEND)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, actor: str) -> PlainClient:
        """Return a new browser of *actor*, logged in if she is somebody."""
        client = PlainClient()
        if actor in self._sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[actor]
        return client

    def _fill(self, variant: str):
        branch = self.places[variant]
        word = {OWN: "泉边", FOREIGN: "梨园"}[variant]
        account = UserFactory(
            username=f"clerk_of_{variant}", name=f"{word}录入员", branch=branch
        )
        self.keep(variant, account)
        self.keep(variant, GrantFactory(user=account, branch=branch, role=Role.CLERK))
        superior = UserFactory(
            username=f"superior_{variant}", name=f"{word}上级", branch=branch
        )
        GrantFactory(user=superior, branch=self.district, role=Role.DISTRICT_ADMIN)
        self.keep(variant, superior, "superior")
        self._fill_deputies(variant, branch)
        self._fill_activities(variant, branch, word, account)
        self._fill_imports(variant, branch, word)
        member = MemberFactory(name=f"{word}玉兰", branch=branch, phone=PHONES[variant])
        term = TermFactory(branch=branch, number=1)
        self.keep(variant, member)
        twin = MemberFactory(name=member.name, branch=branch, phone=PHONES[variant])
        self.keep(variant, twin, "twin")
        self.keep(variant, HonourFactory(branch=branch, holder_name=f"{word}获奖户"))
        self.keep(variant, DelegateFactory(member=member))
        self.keep(variant, note_opened(account, member))
        self.keep(variant, term)
        self.keep(variant, PostFactory(member=member, branch=branch, term=term))
        self._fill_elections(variant, branch, member)
        self._fill_submissions(variant, branch, word)
        self._fill_reported(variant, branch, word)
        families.fill(self, variant, branch, word, PHONES[variant])
        self.keep(
            variant,
            BranchStat.objects.create(
                branch=branch,
                figure=BranchStat.Figure.WOMEN,
                as_of=date(2025, 1, 1),
                value=1234,
                source=f"{word}统计表",
            ),
        )
        self.keep(
            variant,
            Succession.objects.create(
                act=Succession.Act.RENAME,
                branch=branch,
                effective_on=date(2020, 1, 1),
                old_name=f"{word}旧名",
                new_name=branch.name,
                reason=f"{word}更名",
                document_number=f"{word}〔2020〕1 号",
            ),
        )

    def _fill_deputies(self, variant, branch):
        """Let somebody of the street stand in for its reviewer since yesterday."""
        reviewer = self.users[{OWN: "reviewer", FOREIGN: "sister_reviewer"}[variant]]
        street = branch.parent
        deputy = UserFactory(username=f"deputy_in_{variant}", branch=street)
        today = local_today()
        lent = GrantFactory(
            user=deputy,
            branch=street,
            role=Role.REVIEWER,
            starts_on=today - timedelta(days=1),
            ends_on=today + timedelta(days=7),
            stands_in_for=reviewer.grants.get(),
        )
        self.keep(variant, reviewer.grants.get(), "principal")
        self.keep(variant, lent, "lent")

    def _fill_submissions(self, variant, branch, word):
        """Leave a month to confirm, one without activities, one that is reported."""
        ResultFactory(
            title=f"{word}腊八",
            branch=branch,
            starts_on=date(2024, 1, 18),
            visibility="internal",
        )
        status = Submission.Status
        for month, at in (
            (date(2024, 1, 1), status.MISSING),
            (date(2023, 12, 1), status.MISSING),
            (date(2023, 11, 1), status.REPORTED),
        ):
            row = Submission.objects.create(branch=branch, month=month, status=at)
            self.rows.setdefault((Submission, variant), row)
        self.keep(
            variant,
            Reminder.objects.create(
                user=self.row(User, variant),
                month=date(2024, 1, 1),
                occasion=Reminder.Occasion.BEFORE,
                sent_in=date(2024, 2, 1),
                number=1,
                channel=Reminder.Channel.EMAIL,
                tried_at=timezone.now(),
                text=f"{word}还没报",
            ),
        )

    def _fill_corrections(self, variant, branch):
        """Leave one for the street, one for the district, and one that came back to the
        clerk."""
        word = {OWN: "泉边", FOREIGN: "梨园"}[variant]
        author = self.users[{OWN: "clerk", FOREIGN: "mixed"}[variant]]
        typed = Activity(
            title=f"{word}漏报",
            branch=branch,
            programme=self.rows[Programme, ""],
            starts_on=date(2024, 2, 8),
            ends_on=date(2024, 2, 8),
        )
        for kind, state in (
            ("", "street"),
            ("district", "district"),
            ("returned", "returned"),
        ):
            proposal = late_activities.proposed(typed, [])
            row = corrections.keep(proposal, author, reason="漏报", token=uuid4())
            Correction.objects.filter(pk=row.pk).update(state=state)
            self.keep(variant, row, kind)

    def _fill_elections(self, variant, branch, member):
        """One election that can be confirmed, and one of the village beside that is:
        by somebody who could not give its chair an account."""
        draft = self._elected(branch, member)
        self.keep(variant, draft)
        self.keep(variant, draft.terms.get(), "planned")
        other = BranchFactory(
            code=f"{branch.parent.code}009",
            short_name={OWN: "柳编社区", FOREIGN: "钱家庄"}[variant],
            parent=branch.parent,
        )
        chair = MemberFactory(
            name={OWN: "柳月琴", FOREIGN: "钱月琴"}[variant], branch=other
        )
        done = self._elected(other, chair)
        elections.confirm(done, self.users["auditor"])
        self.keep(variant, Election.objects.get(pk=done.pk), "elected")
        self.keep(variant, other.posts.get(), "chair")

    def _elected(self, branch, chair):
        election = elections.start(
            branch,
            covers_below=False,
            elected_on=date(2026, 9, 1),
            by=self.users["district_admin"],
            form_key=uuid4(),
        )
        Candidate.objects.create(
            term=election.terms.get(), member=chair, title="chair", is_elected=True
        )
        election.terms.update(seats_planned=1)
        return election

    def _fill_activities(self, variant, branch, word, account):
        # The clerk's own drafts; in the foreign village they are of its clerk, and of
        # the account that is a clerk there beside being an auditor everywhere.
        author = self.users[{OWN: "clerk", FOREIGN: "mixed"}[variant]]
        draft = ActivityFactory(title=f"{word}草稿", branch=branch, recorded_by=author)
        self.keep(variant, draft)
        self.keep(variant, draft, "draft")
        waiting = ActivityFactory(
            title=f"{word}待审", branch=branch, recorded_by=account
        )
        waiting_round = review.submit(waiting, account)
        self.keep(variant, Activity.objects.get(pk=waiting.pk), "waiting")
        self.keep(variant, waiting_round)
        public = PlanFactory(title=f"{word}公开活动", branch=branch)
        self.keep(variant, public, "public")
        self.keep(
            variant,
            ResultFactory(
                title=f"{word}内部活动", branch=branch, visibility="internal"
            ),
            "internal",
        )
        self.keep(variant, PhotoFactory(activity=draft, caption=f"{word}未审照片"))
        self.keep(
            variant,
            PhotoFactory(activity=public, approved_at=timezone.now()),
            "public",
        )
        self.keep(
            variant,
            ActivityPartner.objects.create(
                activity=draft, organisation=f"{word}合作社", role="host"
            ),
        )
        self.keep(variant, Series.objects.create(branch=branch, rhythm="weekly"))

    def _fill_imports(self, variant, branch, word):
        """Leave one run with a question, one to confirm, one that is done."""
        by = self.users["district_admin"]

        def started(*rows):
            content = "\n".join(["村,姓名,职务", *rows]).encode()
            options = {"starts_on": "2024-01-01"}
            roster = register_of("roster")
            return runs.start(roster, branch, by, f"{word}名册.csv", content, options)

        asking = started("某村,甲,执委", f",{word}秀兰,执委", ",乙,村长")
        self.keep(variant, asking)
        self.keep(variant, started(f",{word}桂兰,执委"), "ready")
        done = started(f",{word}春兰,执委")
        runs.confirm(done, by)
        runs.carry_out()
        done.refresh_from_db()
        self.keep(variant, done, "done")
        rows = f"户主,门牌\n{word}户主乙,1号\n,2号\n".encode()
        households = register_of("households")
        run = runs.start(households, branch, by, f"{word}名册户表.csv", rows, {})
        self.keep(variant, run, "households")

    def _fill_reported(self, variant, branch, word):
        """Leave what one can fill in for January 2024, and what was filled in."""
        batch = ReportedBatch.objects.first() or ReportedBatchFactory(
            from_month=date(2024, 1, 1), until_month=date(2024, 2, 1)
        )
        figure = ReportedFigureFactory(
            branch=branch,
            batch=batch,
            month=date(2024, 1, 1),
            explanation=f"{word}新增",
        )
        self.keep(variant, figure)
        # February is closed: what is wrong there is corrected.
        Submission.objects.create(branch=branch, month=date(2024, 2, 1))
        self.keep(variant, BaselineFactory(branch=branch, source=f"{word}旧报表"))

    def _fill_definitions(self):
        batch = ReportedBatch.objects.get()
        self.rows[ReportedBatch, ""] = batch
        self.rows[ReportedIndicator, ""] = batch.indicator
        self.rows[DerivedIndicator, ""] = DerivedIndicatorFactory(name="法律讲座")

    def _fill_general(self):
        programme = ProgrammeFactory()
        self.rows[Programme, ""] = programme
        self.rows[Chapter, ""] = programme.chapter
        self._fill_definitions()
        self.rows[Standard, ""] = Standard.objects.get(subject="village")
        self.rows[TermLength, ""] = TermLength.objects.create(level="town", years=5)
        report = ReportTemplate.objects.create(slug="permission-table", title="月报表")
        report.columns.create(indicator="activities.sessions")
        self.rows[ReportTemplate, ""] = report
        month = ReportingMonth.objects.create(month=date(2024, 1, 1))
        self.rows[ReportingMonth, ""] = month
        ReportingMonth.objects.create(month=date(2024, 2, 1))
        closings.close(Month(2024, 2), None)
        for variant, branch in self.places.items():
            self._fill_corrections(variant, branch)
        self.rows[LogEntry, ""] = LogEntry.objects.order_by("pk").first()
        for variant, branch in self.places.items():
            self.keep(
                variant,
                Rollup.objects.create(
                    indicator="activities.sessions",
                    month=Month(2026, 3).first_day,
                    branch=branch,
                    programme=programme,
                    own=1,
                    total=1,
                ),
            )
        Mark.objects.all().delete()

    def secrets_of(self, variant: str) -> list[str]:
        """Return the words that stand on the rows of one village alone and are not
        public: in an answer to whoever may not see that village, they are a leak."""
        word = {OWN: "泉边", FOREIGN: "梨园"}[variant]
        return [
            *(
                f"{word}{what}"
                for what in ("草稿", "待审", "内部", "未审", "合作社", "腊八", "漏报")
            ),
            *(f"{word}{what}" for what in ("录入员", "玉兰", "统计表", "旧名", "更名")),
            *(f"{word}{what}" for what in ("名册", "秀兰", "桂兰", "春兰")),
            *(f"{word}{what}" for what in ("新增", "旧报表")),
            *(f"{word}{what}" for what in ("户主", "批次", "公示批次")),
            f"{word}获奖户",
            *(f"{word}{what}" for what in ("户主", "胡同")),
            f"clerk_of_{variant}",
            PHONES[variant],
        ]
