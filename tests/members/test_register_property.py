"""Whatever happens to the register, in whatever order: one chair at most on any day, no
two overlapping posts that are the same, no grant that outlives the post it came with,
and every figure equal to a naive recount."""

import uuid
from datetime import timedelta
from itertools import combinations

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from federation import successions
from federation.models import Branch
from federation.months import Month, local_today
from federation.roles import Role
from members import duplicates, elections
from members.models import Election, Member, Post, PostGrant, Term
from members.models.choices import Ending, Title
from members.post_rules import FOR_EVER
from rollups import engine
from tests.conftest import staff
from tests.factories import BranchFactory, MemberFactory, TermFactory
from tests.rollups.naive import assert_is_naive
from tests.rollups.test_recount_property import attempt, deed, pick

# The register of half a year, and a term that began long before it.
NOW = Month.current()
MONTHS = Month.range(NOW.plus(-5), NOW.previous())
BEFORE = NOW.plus(-60).first_day

some = st.integers(min_value=0, max_value=10**6)
days = st.sampled_from(
    [
        day
        for month in MONTHS
        for day in (month.first_day, month.first_day + timedelta(14), month.last_day)
    ]
)
titles = st.sampled_from([Title.CHAIR, Title.CHAIR, Title.VICE_PART, Title.COMMITTEE])
endings = st.sampled_from([Ending.RESIGNED, Ending.TRANSFERRED, Ending.DISMISSED])
names = st.sampled_from(["李秀英", "王淑兰", "赵玉芝"])


class Register(RuleBasedStateMachine):
    """A year of appointments, elections and mistakes in two streets, in one
    transaction undone after."""

    def __init__(self):
        super().__init__()
        self.work = transaction.atomic()
        self.work.__enter__()
        self.office = staff(
            Branch.objects.get(code="370114"), Role.DISTRICT_ADMIN, "office"
        )

    def teardown(self):
        try:
            self.count()
        finally:
            transaction.set_rollback(True)
            self.work.__exit__(None, None, None)

    @initialize(where=some, whole=st.booleans(), day=days, newcomers=st.integers(0, 2))
    def begin(self, **first_election):
        """Seat a small committee everywhere, the chairs with accounts, and elect some
        of them anew."""
        for place in Branch.objects.exclude(level="district"):
            TermFactory(
                branch=place,
                number=1,
                elected_on=BEFORE,
                due_on=NOW.plus(-1).first_day,
                seats_planned=3,
            )
            for number, title in enumerate((Title.CHAIR, "vice_part", "committee")):
                member = MemberFactory(branch=place)
                self.seat(member, place, title, BEFORE)
                if number == 0:
                    post = member.posts.get()
                    attempt(lambda post=post: elections.hand_over(post, self.office))
        self.elect(**first_election)

    def seat(self, member, place, title, day):
        term = Term.objects.running(day).filter(branch=place).first()
        attempt(
            lambda: Post.objects.create(
                member=member, branch=place, term=term, title=title, started_on=day
            )
        )

    # Posts --------------------------------------------------------------------

    @rule(who=some, where=some, title=titles, day=days)
    def appoint(self, who, where, title, day):
        self.seat(
            pick(Member.objects.current(), who), pick(branches(), where), title, day
        )

    @rule(name=names, where=some, day=days)
    def register_somebody_new(self, name, where, day):
        place = pick(branches(), where)
        member = MemberFactory(name=name, branch=place)
        self.seat(member, place, Title.COMMITTEE, day)

    @rule(which=some, day=days, ending=endings)
    def resign(self, which, day, ending):
        post = pick(Post.objects.in_post(local_today()), which)
        if post and day > post.started_on:
            post.ended_on, post.ending = day, ending
            attempt(post.save)

    @rule(which=some)
    def take_an_ending_back(self, which):
        if post := pick(Post.objects.filter(ended_on__isnull=False), which):
            post.ended_on, post.ending = None, ""
            attempt(post.save)

    @rule(which=some, title=titles)
    def promote_many_at_once(self, which, title):
        place = pick(branches(), which)
        attempt(lambda: Post.objects.filter(branch=place).update(title=title))

    @rule(where=some, who=some, which=some, title=titles, day=days)
    def hold_a_by_election(self, where, who, which, title, day):
        place = pick(branches(), where)
        term = Term.objects.running(local_today()).filter(branch=place).first()
        leaving = pick(place.posts.in_post(day), which)
        vacancy = leaving and elections.Vacancy(leaving, Ending.REPLACED)
        attempt(
            lambda: elections.elect_to_vacancy(
                term,
                pick(Member.objects.current(), who),
                title=title,
                on=day,
                vacancy=vacancy,
            )
        )

    @rule(which=some)
    def give_the_chair_her_account(self, which):
        chairs = Post.objects.chairs().in_post(local_today())
        if post := pick(chairs, which):
            attempt(lambda: elections.hand_over(post, self.office))

    # People -------------------------------------------------------------------

    @rule(who=some, where=some)
    def move_to_another_branch(self, who, where):
        member = pick(Member.objects.current(), who)
        member.branch = pick(branches(), where)
        attempt(member.save)

    @rule(who=some, other=some)
    def merge(self, who, other):
        kept, duplicate = (pick(Member.objects.current(), n) for n in (who, other))
        attempt(lambda: duplicates.merge(kept, duplicate))

    @rule(who=some, education=st.sampled_from(["", "college", "bachelor", "graduate"]))
    def learn(self, who, education):
        member = pick(Member.objects.current(), who)
        member.education = education
        attempt(member.save)

    # Branches -----------------------------------------------------------------

    @rule(which=some, where=some, month=st.sampled_from(MONTHS))
    def transfer_a_village(self, which, where, month):
        village = pick(Branch.objects.filter(level="village"), which)
        street = pick(Branch.objects.filter(level="town"), where)
        attempt(
            lambda: successions.transfer(deed(month.first_day), village, parent=street)
        )

    @rule(which=some, day=days)
    def close_a_village(self, which, day):
        if village := pick(branches().filter(level="village"), which):
            attempt(lambda: successions.close(deed(day), village))

    # 换届 ----------------------------------------------------------------------

    @rule(where=some, whole=st.booleans(), day=days, newcomers=st.integers(0, 2))
    def elect(self, where, whole, day, newcomers):
        """A street's villages or one branch: the old committee again, less some."""
        place = pick(branches(), where)

        def run():
            election = elections.start(
                place,
                covers_below=whole and place.level == "town",
                elected_on=day,
                by=self.office,
                form_key=uuid.uuid4(),
            )
            terms = list(election.terms.all())
            elections.take_committees(terms)
            elections.arrange(
                election, method="congress", voters_expected=30, voters_present=28
            )
            for term in terms:
                last = list(term.candidates.order_by("-pk")[:newcomers])
                for candidate in last:
                    candidate.delete()
                for number in range(newcomers):
                    term.candidates.create(name=f"新委员{number}", source="new")
            elections.elect_everybody(election)
            elections.confirm(election, self.office)

        attempt(run)

    @rule(which=some)
    def undo_an_election(self, which):
        if election := pick(Election.objects.filter(status="confirmed"), which):
            attempt(lambda: elections.undo(election, self.office))

    @rule(which=some)
    def confirm_it_again(self, which):
        if election := pick(Election.objects.filter(status="undone"), which):
            attempt(lambda: elections.confirm(election, self.office))

    # What always holds ----------------------------------------------------------

    @invariant()
    def a_committee_has_one_chair_on_any_day(self):
        for one, other in combinations(Post.objects.chairs(), 2):
            assert one.branch_id != other.branch_id or not overlap(one, other)

    @invariant()
    def nobody_holds_the_same_post_twice_at_once(self):
        for one, other in combinations(Post.objects.all(), 2):
            same = (one.member_id, one.branch_id, one.title) == (
                other.member_id,
                other.branch_id,
                other.title,
            )
            assert not (same and overlap(one, other))

    @invariant()
    def a_post_lies_within_its_term(self):
        elected = Term.objects.elected()
        for post in Post.objects.filter(term__isnull=False).select_related("term"):
            assert post.term.elected_on
            assert post.started_on >= post.term.elected_on
            later = elected.filter(
                branch=post.branch_id, number__gt=post.term.number
            ).order_by("number")
            if newer := later.first():
                assert post.ended_on
                assert post.ended_on <= newer.elected_on

    @invariant()
    def no_grant_outlives_the_post_it_came_with(self):
        for owned in PostGrant.objects.select_related("post", "grant"):
            assert owned.grant.starts_on >= owned.post.started_on
            if owned.post.ended_on:
                assert owned.grant.ends_on
                assert owned.grant.ends_on < owned.post.ended_on

    @rule()
    def count(self):
        engine.drain_marks()

        assert_is_naive()


def branches():
    return Branch.objects.exclude(level="district").filter(closed_on__isnull=True)


def overlap(one: Post, other: Post) -> bool:
    ends = [post.ended_on or FOR_EVER for post in (one, other)]
    return one.started_on < ends[1] and other.started_on < ends[0]


def test_the_register_keeps_its_rules_and_its_figures(db):
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    for street, villages in (("370114001", 2), ("370114002", 1)):
        parent = BranchFactory(code=street, level="town", parent=district)
        for number in range(1, villages + 1):
            BranchFactory(code=f"{street}00{number}", parent=parent)

    run_state_machine_as_test(Register, settings=EXAMPLES)


EXAMPLES = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,  # never a wall-clock assertion
    database=None,
    suppress_health_check=list(HealthCheck),
)
