"""The register of the demo: realistic, and with what real registers lack and repeat."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import F, Sum

from federation.models import Branch, Grant
from federation.months import Month
from members import duplicates, post_rules, structure
from members.models import Candidate, Delegate, Election, Honour, Member, Post, Term
from members.models.choices import ConcurrentOffice, Ending, TermStatus, Title
from rollups import engine
from rollups.models import Rollup
from tests.members.recount import recounted
from tests.seeded import TODAY

pytestmark = pytest.mark.django_db


def over_the_years(code):
    """Return what the district's five years add up to."""
    rows = Rollup.objects.filter(indicator=code, branch__parent=None)
    return rows.aggregate(sum=Sum("total"))["sum"] or 0


def at_the_end(code):
    rows = Rollup.objects.filter(
        indicator=code, branch__parent=None, month=date(2026, 11, 1)
    )
    return rows.values_list("total", flat=True).first()


def test_the_review_prints_two_delegates_and_three_provincial_honours():
    assert over_the_years("members.delegates_national") == 2
    assert over_the_years("members.honours_province") == 3
    assert at_the_end("members.in_post") == 5_000
    assert over_the_years("branches.new_fields_founded") == 23


def test_the_other_honours_and_delegates_are_counted_too():
    counted = {
        name: over_the_years(f"members.{name}")
        for name in (
            "honours_national",
            "honours_city",
            "honours_district",
            "honours_town",
            "delegates_province",
            "delegates_city",
            "delegates_district",
        )
    }

    assert counted == {
        "honours_national": 1,
        "honours_city": 26,
        "honours_district": 164,
        "honours_town": 310,
        "delegates_province": 4,
        "delegates_city": 14,
        "delegates_district": 96,
    }


def test_every_month_is_counted_as_its_records_say():
    asked = [Month(2021, 12), Month(2022, 3), Month(2026, 2), Month(2026, 11)]

    assert engine.differences(asked, repair=False) == []


def test_the_posts_keep_the_rules():
    posts = list(Post.objects.select_related("member", "term"))

    assert post_rules.faults(Post, posts) == {}
    assert not Post.objects.filter(ended_on__lte=F("started_on")).exists()


def test_every_street_and_village_had_an_election_between_two_terms():
    older = Branch.objects.filter(founded_on=None)
    terms = Counter(Term.objects.elected().values_list("branch", flat=True))

    assert all(terms[pk] == 2 for pk in older.values_list("pk", flat=True))
    begun = Post.objects.filter(started_on=F("term__elected_on"), term__number__gt=1)
    assert begun.filter(ended_on=None).count() > 4_500
    over = Post.objects.filter(ending=Ending.TERM_OVER)
    assert over.count() > 4_000
    chairs = over.chairs().order_by().values_list("branch", flat=True)
    assert len(set(chairs)) == chairs.count() == older.count()


def test_rows_would_pass_their_forms():
    relations = ("branch", "member", "term", "election", "account", "merged_into")
    for model in (Member, Term, Post, Honour, Delegate):
        for row in model.objects.all():
            row.clean_fields(
                exclude=[name for name in relations if hasattr(model, name)]
            )


def test_every_ending_and_status_occurs():
    endings = set(Post.objects.order_by().values_list("ending", flat=True)) - {""}
    statuses = Counter(Term.objects.values_list("status", flat=True))

    assert endings == set(Ending.values) - {Ending.BRANCH_CLOSED}
    assert set(statuses) == set(TermStatus.values)
    assert statuses["filed"] > 1_000
    assert statuses["elected"] > 20
    assert statuses["approved"] > 40
    filed = Term.objects.filter(status=TermStatus.FILED)
    assert not filed.filter(filing_number="").exists()
    assert not filed.filter(approval_number="").exists()


def test_some_elections_are_overdue_and_one_is_half_done():
    assert at_the_end("members.terms_overdue") == 9
    planned = Term.objects.being_prepared()
    assert Counter(planned.values_list("status", flat=True)) == {
        "not_started": 3,
        "postponed": 1,
        "preparing": 1,
    }
    election = Election.objects.get()
    assert election.is_open
    term = election.terms.get()
    assert term.branch == election.branch
    sources = Counter(Candidate.objects.values_list("source", flat=True))
    assert sources == {"committee": 4, "new": 1}
    assert not term.candidates.filter(is_elected=True).exists()


def test_streets_are_chaired_as_they_should_be_but_for_two():
    chairs = Post.objects.in_post(TODAY).chairs().filter(branch__level="town")
    offices = Counter(chairs.values_list("concurrent_office", flat=True))

    assert offices.pop(ConcurrentOffice.OTHER) == 2
    assert offices.keys() <= {
        ConcurrentOffice.PARTY_GOVERNMENT_DEPUTY,
        ConcurrentOffice.DEPUTY_RANK,
    }
    assert offices.total() == 16


def test_one_village_has_no_chair_and_not_every_committee_is_complete():
    villages = Branch.objects.filter(level="village")
    chairs = Post.objects.in_post(TODAY).chairs().values("branch")

    assert villages.exclude(pk__in=chairs).count() == 1
    assert 500 < at_the_end("members.complete_committees") < 600


def test_education_and_politics_differ_by_level():
    def share(level, **condition):
        people = Member.objects.filter(branch__level=level)
        return people.filter(**condition).count() / people.count()

    schooled = {"education__in": ["bachelor", "graduate"]}
    assert share("town", **schooled) > 0.6 > 0.2 > share("village", **schooled) > 0.05
    assert share("town", political_status="party") > 0.7
    assert 0.3 < share("village", political_status="party") < 0.6
    assert 0.9 < share("village", ethnicity="汉族") < 1
    assert Member.objects.filter(ethnicity="回族").count() > 50
    riders = Member.objects.filter(branch__kind="new_jobs", is_new_employment=True)
    assert riders.count() > 20


def test_nobody_was_a_child_in_her_first_post():
    posts = Post.objects.filter(member__birth_month__isnull=False)

    ages = [
        post.member.age_on(post.started_on) for post in posts.select_related("member")
    ]
    assert min(ages) >= 18
    assert max(ages) < 65


def test_some_facts_are_missing_and_some_people_stand_twice():
    assert Member.objects.filter(birth_month=None).count() == 40
    groups = duplicates.likely_duplicates(Member.objects.all())
    reasons = Counter(group.reason for group in groups)
    assert reasons["姓名和出生年月相同"] >= 3
    assert reasons["手机号相同"] >= 2
    assert reasons.total() < 20


def test_what_was_not_awarded_is_not_public_and_some_keep_theirs_to_themselves():
    others = Honour.objects.exclude(state="awarded")

    assert set(others.values_list("state", flat=True)) == {
        "recommended",
        "announced",
        "revoked",
    }
    assert others.filter(rank="province").count() == 2
    silent = Honour.objects.awarded().filter(publishes=False).count()
    assert 50 < silent < 200
    assert not others.filter(publishes=True).exists()


def test_some_chairs_agreed_to_be_named():
    named = Post.objects.public(TODAY).count()

    assert 60 < named < 220
    publishing = Member.objects.filter(publishes_name=True)
    titles = set(publishing.values_list("posts__title", flat=True))
    assert Title.CHAIR in titles


def test_no_post_of_the_demo_gives_rights():
    assert not Grant.objects.filter(post_grant__isnull=False).exists()


@pytest.mark.parametrize("on", [TODAY, date(2026, 1, 31), date(2021, 6, 1)])
def test_the_structure_of_a_street_is_what_plain_python_counts(on):
    street = Branch.objects.get(code="370114001")
    pks = Branch.objects.within(street).values_list("pk", flat=True)

    assert structure.totals_on(pks, on) == recounted(pks, on)
    report = structure.of_branch(street, on - timedelta(days=365), on)
    assert report.whole.after == recounted(pks, on)
    assert len(report.rows) == 1 + street.children.count()
