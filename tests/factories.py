"""One small factory per model, with fixed Chinese values and sequences."""

from datetime import date

import factory
from django.utils import timezone

from activities.models import Activity, ActivityPhoto
from families.models import (
    Batch,
    Household,
    Inspection,
    InspectionPhoto,
    Plate,
    Recognition,
    Standard,
)
from federation import successions
from federation.models import Branch, Chapter, Grant, Programme, User
from members.models import Delegate, Honour, Member, Post, Term
from rollups.models import (
    Baseline,
    DerivedIndicator,
    ReportedBatch,
    ReportedFigure,
    ReportedIndicator,
)

PASSWORD = "correct horse battery staple"


class BranchFactory(factory.django.DjangoModelFactory):
    """Goes through the only door to the tree, so placement and path are real; by the
    wing that does not check again what is right, for every test begins here."""

    class Meta:
        model = Branch

    # No code of the real tree, whose district is 370114.
    code = factory.Sequence(lambda n: f"{379000 + n}")
    short_name = factory.Sequence(lambda n: f"泉水第{n}社区")
    name = factory.LazyAttribute(lambda branch: f"{branch.short_name}妇联")
    kind = Branch.Kind.REGION
    level = Branch.Level.VILLAGE
    parent = None
    founded_on = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        branch = Branch(**kwargs)
        successions.place_together([branch])
        return branch


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"staff{n}")
    name = factory.Sequence(lambda n: f"王小梅{n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return User.objects.create_user(password=PASSWORD, **kwargs)


class GrantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Grant

    user = factory.SubFactory(UserFactory)
    starts_on = date(2020, 1, 1)


class ChapterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Chapter
        django_get_or_create = ("slug",)

    slug = "ideas"
    name = "思想引领"
    colour = Chapter.Colour.ROSE


class ProgrammeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Programme
        django_get_or_create = ("slug",)

    slug = Programme.EVERYDAY
    name = "基层日常活动"
    chapter = factory.SubFactory(ChapterFactory)


class ActivityFactory(factory.django.DjangoModelFactory):
    """A draft report; ``PlanFactory`` and ``ResultFactory`` are approved ones."""

    class Meta:
        model = Activity

    title = "反家庭暴力法宣讲"
    branch = factory.SubFactory(BranchFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    starts_on = date(2026, 3, 8)
    ends_on = factory.SelfAttribute("starts_on")
    kind = Activity.Kind.LAW


class PlanFactory(ActivityFactory):
    """An approved, public plan."""

    review = Activity.Review.APPROVED
    approved_at = factory.LazyFunction(timezone.now)


class ResultFactory(PlanFactory):
    """An approved result: it counts."""

    happening = Activity.Happening.HELD
    result_approved_at = factory.LazyFunction(timezone.now)
    attendance_offline = 30
    attendance_online = 0


class PhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActivityPhoto

    activity = factory.SubFactory(PlanFactory)
    image = factory.django.ImageField(width=40, height=30, filename="合影.jpg")


class MemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Member

    name = factory.Sequence(lambda n: f"李秀英{n}")
    branch = factory.SubFactory(BranchFactory)


class TermFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Term

    branch = factory.SubFactory(BranchFactory)
    number = factory.Sequence(lambda n: n + 1)
    elected_on = date(2021, 3, 1)
    due_on = date(2026, 3, 1)


class PostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Post

    member = factory.SubFactory(MemberFactory)
    branch = factory.SelfAttribute("member.branch")
    started_on = date(2021, 3, 1)


class HonourFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Honour

    title = "三八红旗手"
    rank = Honour.Rank.DISTRICT
    awarding_body = "章丘区妇联"
    awarded_on = date(2026, 3, 8)
    branch = factory.SubFactory(BranchFactory)


class DelegateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Delegate

    member = factory.SubFactory(MemberFactory)
    branch = factory.SelfAttribute("member.branch")
    level = Delegate.Level.DISTRICT
    congress = 18
    started_on = date(2022, 1, 10)


class HouseholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Household

    branch = factory.SubFactory(BranchFactory)
    number = factory.Sequence(lambda n: n + 1)
    contact_name = factory.Sequence(lambda n: f"孟桂芳{n}")
    entered_on = date(2022, 1, 1)


class StandardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Standard
        django_get_or_create = ("subject", "applies_from")

    subject = Standard.Subject.HOUSEHOLD
    name = "出彩人家示范户标准"
    applies_from = date(2022, 1, 1)


class InspectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Inspection

    household = factory.SubFactory(HouseholdFactory)
    branch = factory.SelfAttribute("household.branch")
    standard = factory.SubFactory(StandardFactory)
    kind = Inspection.Kind.VILLAGE
    inspected_on = date(2026, 5, 6)
    points = 90
    grade = "model"
    outcome = Inspection.Outcome.MET


class InspectionPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = InspectionPhoto

    inspection = factory.SubFactory(InspectionFactory)
    image = factory.django.ImageField(width=40, height=30, filename="庭院.jpg")


class BatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Batch

    branch = factory.SubFactory(BranchFactory)
    subject = Batch.Subject.HOUSEHOLD
    name = factory.Sequence(lambda n: f"第{n}批示范户")
    opened_on = date(2026, 3, 1)


class RecognitionFactory(factory.django.DjangoModelFactory):
    """Applied for; a grant goes through ``families.recognition``."""

    class Meta:
        model = Recognition

    subject = Recognition.Subject.HOUSEHOLD
    household = factory.SubFactory(HouseholdFactory)
    branch = factory.SelfAttribute("household.branch")
    batch = factory.SubFactory(BatchFactory)


class PlateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Plate

    recognition = factory.SubFactory(RecognitionFactory)
    issued_on = date(2026, 7, 1)


class ReportedIndicatorFactory(factory.django.DjangoModelFactory):
    """Something every branch reports each month; its batch says since when."""

    class Meta:
        model = ReportedIndicator

    slug = factory.Sequence(lambda n: f"aid{n}")
    name = factory.Sequence(lambda n: f"救助{n}")
    unit = "人"


class ReportedBatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReportedBatch

    indicator = factory.SubFactory(ReportedIndicatorFactory)
    document_number = "章妇〔2026〕3 号"
    from_month = date(2026, 1, 1)


class ReportedFigureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReportedFigure

    branch = factory.SubFactory(BranchFactory)
    batch = factory.SubFactory(ReportedBatchFactory)
    month = date(2026, 3, 1)
    value = 12


class DerivedIndicatorFactory(factory.django.DjangoModelFactory):
    """讲座场次: the sessions that are lectures."""

    class Meta:
        model = DerivedIndicator

    slug = factory.Sequence(lambda n: f"lectures{n}")
    name = "讲座场次"
    base = "activities.sessions"
    filters = factory.LazyFunction(lambda: {"kind": ["lecture"]})


class BaselineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Baseline

    indicator = "activities.sessions"
    branch = factory.SubFactory(BranchFactory)
    first_month = date(2019, 1, 1)
    last_month = date(2019, 12, 1)
    value = 120
    source = "2019 年工作总结"
