"""Confirming an election: everything or nothing, and back again."""

from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from federation.accounts import redeem_code
from federation.models import Grant, Journal, User
from members import elections
from members.elections.confirming import RefusedError
from members.models import Candidate, Member, Post, PostGrant, Term
from tests.factories import (
    ActivityFactory,
    BranchFactory,
    GrantFactory,
    MemberFactory,
    UserFactory,
)
from tests.members.elections.conftest import (
    NEW,
    OLD,
    begun,
    committee_of,
    give_account,
    post_of,
)

pytestmark = pytest.mark.django_db


def candidate(election, name):
    return Candidate.objects.get(term__election=election, member__name=name)


def hand_the_chair_to(election, name):
    Candidate.objects.filter(term__election=election, title="chair").update(
        title="committee"
    )
    Candidate.objects.filter(pk=candidate(election, name).pk).update(title="chair")


def everything():
    """Return every row an election writes, as it stands."""
    models = (Term, Post, Member, User, Grant, PostGrant, Candidate)
    return {
        model: list(model.objects.order_by("pk").values(*_columns(model)))
        for model in models
    }


def _columns(model):
    ignored = {"password", "last_login"}
    return [f.attname for f in model._meta.concrete_fields if f.name not in ignored]


def test_old_posts_end_and_new_ones_begin_on_the_day(
    election, term, old_term, street_reviewer
):
    Candidate.objects.filter(pk=candidate(election, "张桂芬").pk).delete()

    outcome = elections.confirm(election, street_reviewer)

    old = old_term.posts.values_list("ended_on", "ending")
    assert set(old) == {(NEW, "term_over")}
    assert old.count() == 3
    new = term.posts.order_by("pk").values_list("member__name", "title", "started_on")
    assert list(new) == [("李秀英", "chair", NEW), ("王淑兰", "committee", NEW)]
    term.refresh_from_db()
    assert (term.status, term.elected_on, term.due_on) == (
        "elected",
        NEW,
        date(2031, 3, 2),
    )
    assert (outcome.ended, outcome.begun, outcome.newcomers) == (3, 2, 0)


def test_the_election_says_who_confirmed_it(election, street_reviewer):
    elections.confirm(election, street_reviewer)

    election.refresh_from_db()
    assert (election.status, election.confirmed_by) == ("confirmed", street_reviewer)
    assert election.journal.branch == election.branch
    assert Journal.objects.get().made_by == street_reviewer


def test_the_committee_of_any_date_is_known_afterwards(
    election, community, street_reviewer
):
    hand_the_chair_to(election, "王淑兰")
    elections.confirm(election, street_reviewer)

    chairs = Post.objects.chairs().filter(branch=community)
    assert chairs.in_post(NEW - timedelta(days=1)).get().member.name == "李秀英"
    assert chairs.in_post(NEW).get().member.name == "王淑兰"


def test_somebody_new_is_registered_when_she_is_elected(
    election, term, community, street_reviewer
):
    person = {"name": "赵玉兰", "phone": "13812341234", "education": "college"}
    new = Candidate(birth_month=date(1985, 3, 1), occupation="幼儿教师", **person)
    elections.candidates.add_person(term, new)
    loser = Candidate(name="钱二妹")
    elections.candidates.add_person(term, loser)
    Candidate.objects.filter(pk=new.pk).update(is_elected=True, votes=33)
    term.seats_planned = 4
    term.save()

    elections.confirm(election, street_reviewer)

    member = Member.objects.get(name="赵玉兰")
    assert (member.branch, member.initials, member.phone) == (
        community,
        "zyl",
        "13812341234",
    )
    assert member.posts.get().term == term
    new.refresh_from_db()
    assert (new.member, new.phone, new.votes) == (member, "", 33)
    assert not Member.objects.filter(name="钱二妹").exists()


def test_grants_that_came_with_the_old_posts_end_the_day_before(
    election, street_reviewer
):
    came_with = give_account("李秀英").grant
    hand_the_chair_to(election, "王淑兰")

    outcome = elections.confirm(election, street_reviewer)

    came_with.refresh_from_db()
    assert came_with.ends_on == NEW - timedelta(days=1)
    assert outcome.grants_ended == 1


def test_grants_given_otherwise_keep_their_end_and_are_shown(
    election, community, street_reviewer
):
    account = UserFactory(branch=community)
    Member.objects.filter(name="张桂芬").update(account=account)
    by_hand = GrantFactory(user=account, branch=community, role="clerk")
    candidate(election, "张桂芬").delete()

    stay = elections.grants_that_stay(elections.plan_of(election))
    assert list(stay) == [by_hand]
    elections.confirm(election, street_reviewer)

    by_hand.refresh_from_db()
    assert by_hand.ends_on is None


def test_the_new_chair_gets_an_account_a_grant_and_a_code_that_works(
    election, community, street_reviewer
):
    hand_the_chair_to(election, "王淑兰")

    outcome = elections.confirm(election, street_reviewer)

    (handover,) = outcome.handovers
    assert (handover.account.username, handover.is_new) == ("明一社区王淑兰", True)
    post = post_of("王淑兰")
    assert post.member.account == handover.account
    grant = post.post_grants.get().grant
    assert (grant.user, grant.branch, grant.role) == (
        handover.account,
        community,
        "clerk",
    )
    assert (grant.starts_on, grant.granted_by) == (NEW, street_reviewer)
    account = redeem_code("明一社区王淑兰", handover.code, "泉水叮咚 2026 年")
    assert account.is_staff


def test_a_user_name_that_is_taken_gets_a_number(election, street_reviewer):
    UserFactory(username="明一社区李秀英")

    (handover,) = elections.confirm(election, street_reviewer).handovers

    assert handover.account.username == "明一社区李秀英2"


def test_a_chair_elected_again_keeps_her_account_and_password(
    election, street_reviewer
):
    old = give_account("李秀英").grant
    password = old.user.password

    (handover,) = elections.confirm(election, street_reviewer).handovers

    assert (handover.account, handover.is_new, handover.code) == (old.user, False, "")
    old.user.refresh_from_db()
    assert old.user.password == password
    new = post_of("李秀英").post_grants.get().grant
    old.refresh_from_db()
    assert (old.ends_on, new.starts_on) == (NEW - timedelta(days=1), NEW)


def test_no_code_is_made_for_the_account_of_a_superior(
    election, district, street_reviewer
):
    """Or a street could let a district's officer be elected, and be her."""
    account = User.objects.create(username="superior", name="上级", branch=district)
    account.set_unusable_password()
    account.save()
    GrantFactory(user=account, branch=district, role="district_admin")
    Member.objects.filter(name="李秀英").update(account=account)

    (handover,) = elections.confirm(election, street_reviewer).handovers

    assert (handover.account, handover.code) == (account, "")


def test_who_may_not_hand_out_the_role_leaves_it_to_whoever_may(
    street, street_reviewer, district_admin
):
    committee_of(street, "孙丽华")
    election = begun(street, street_reviewer)
    elections.take_committees(election.terms.all())
    elections.elect_everybody(election)

    (handover,) = elections.confirm(election, street_reviewer).handovers

    assert handover.account is None
    assert "区级管理员" in handover.refusal
    post = post_of("孙丽华")
    assert (post.started_on, post.post_grants.count()) == (NEW, 0)

    with pytest.raises(ValidationError, match="由上级妇联"):
        elections.hand_over(post, street_reviewer)
    later = elections.hand_over(post, district_admin)
    assert (later.role, bool(later.code)) == ("reviewer", True)
    with pytest.raises(ValidationError, match="已经开通"):
        elections.hand_over(post, district_admin)


def test_a_chair_of_two_villages_has_one_account_with_two_grants(
    street, community, second_community, street_reviewer
):
    committee_of(community, "李秀英")
    committee_of(second_community, "周玉珍")
    election = begun(street, street_reviewer, covers_below=True)
    li = Member.objects.get(name="李秀英")
    for term in election.terms.all():
        Candidate.objects.create(term=term, member=li, title="chair", is_elected=True)

    elections.confirm(election, street_reviewer)

    account = Member.objects.get(name="李秀英").account
    assert account.grants.count() == 2
    assert account.grants.filter(post_grant__isnull=False).count() == 2


def test_errors_refuse_and_nothing_is_written(election, street_reviewer):
    Candidate.objects.filter(term__election=election).update(title="committee")
    before = everything()

    with pytest.raises(RefusedError, match="没有主席"):
        elections.confirm(election, street_reviewer)

    assert everything() == before
    assert not Journal.objects.exists()


def test_it_is_confirmed_once(election, street_reviewer, district_admin):
    elections.confirm(election, street_reviewer)

    with pytest.raises(ValidationError, match=f"已由{street_reviewer}确认"):
        elections.confirm(election, district_admin)

    assert Post.objects.in_post(NEW).count() == 3


def test_whoever_confirms_is_named_in_the_log(election, street_reviewer):
    elections.confirm(election, street_reviewer)

    noted = LogEntry.objects.get_for_model(Post).filter(
        action=LogEntry.Action.CREATE, changes__started_on__1=str(NEW)
    )
    assert noted.count() == 3


def test_undone_it_leaves_everything_as_it_was(election, term, street_reviewer):
    give_account("李秀英")
    hand_the_chair_to(election, "王淑兰")
    elections.candidates.add_person(
        term, Candidate(name="赵玉兰", phone="13812341234", is_elected=True)
    )
    Term.objects.filter(pk=term.pk).update(seats_planned=4)
    before = everything()
    elections.confirm(election, street_reviewer)
    assert everything() != before

    elections.undo(election, street_reviewer)

    assert everything() == before
    election.refresh_from_db()
    assert (election.status, election.is_open) == ("undone", True)


def test_undone_it_can_be_corrected_and_confirmed_again(election, street_reviewer):
    elections.confirm(election, street_reviewer)
    elections.undo(election, street_reviewer)
    hand_the_chair_to(election, "王淑兰")

    elections.confirm(election, street_reviewer)

    assert Post.objects.chairs().in_post(NEW).get().member.name == "王淑兰"
    elections.undo(election, street_reviewer)
    assert Post.objects.chairs().in_post(NEW).get().member.name == "李秀英"


def test_what_is_not_confirmed_cannot_be_undone(election, street_reviewer):
    with pytest.raises(ValidationError, match="没有确认"):
        elections.undo(election, street_reviewer)


def test_a_record_of_the_new_chair_stands_on_it(
    election, community, programme, street_reviewer
):
    hand_the_chair_to(election, "王淑兰")
    (handover,) = elections.confirm(election, street_reviewer).handovers
    ActivityFactory(branch=community, programme=programme, recorded_by=handover.account)
    before = everything()

    with pytest.raises(ValidationError, match="以这次操作为依据"):
        elections.undo(election, street_reviewer)

    assert everything() == before
    election.refresh_from_db()
    assert election.status == "confirmed"


def test_an_approved_term_stands_on_it(election, term, street_reviewer):
    elections.confirm(election, street_reviewer)
    elections.approve([term], "章妇〔2026〕8 号", date(2026, 3, 10))

    with pytest.raises(ValidationError, match="后来又改动过"):
        elections.undo(election, street_reviewer)


def test_a_post_that_had_an_end_to_come_ends_with_the_term(election, street_reviewer):
    post = post_of("张桂芬")
    post.ended_on, post.ending = NEW + timedelta(days=9), "resigned"
    post.save()

    elections.confirm(election, street_reviewer)

    post.refresh_from_db()
    assert (post.ended_on, post.ending) == (NEW, "term_over")


def test_a_post_that_ended_before_is_left_alone(election, street_reviewer):
    post = post_of("张桂芬")
    post.ended_on, post.ending = date(2024, 5, 1), "resigned"
    post.save()
    candidate(election, "张桂芬").delete()

    elections.confirm(election, street_reviewer)

    post.refresh_from_db()
    assert (post.ended_on, post.ending) == (date(2024, 5, 1), "resigned")


def test_a_whole_street_costs_little_more_than_one_village(
    street, street_reviewer, django_assert_max_num_queries
):
    for number in range(33):
        village = BranchFactory(
            code=f"370114001{number + 100}", short_name=f"泉边{number}村", parent=street
        )
        committee_of(village, *(f"赵玉兰{number}-{seat}" for seat in range(7)))
    election = begun(street, street_reviewer, covers_below=True)
    elections.take_committees(election.terms.all())
    elections.elect_everybody(election)

    # Of these 12 make each chair's one-time code; the rest does not grow.
    with django_assert_max_num_queries(33 * 12 + 33 * 3 + 160):
        outcome = elections.confirm(election, street_reviewer)

    assert (outcome.ended, outcome.begun, len(outcome.handovers)) == (231, 231, 33)
    assert len({one.code for one in outcome.handovers}) == 33
    assert Post.objects.in_post(OLD).count() == Post.objects.in_post(NEW).count()


def test_whoever_is_chair_no_more_opens_nothing(election, street_reviewer):
    account = give_account("李秀英").grant.user
    assert account.is_staff
    hand_the_chair_to(election, "王淑兰")

    elections.confirm(election, street_reviewer)

    account.forget_grants()
    assert not account.is_staff


def test_a_member_of_the_sister_street_may_be_elected(
    election, term, sister_community, street_reviewer
):
    wu = MemberFactory(name="吴凤英", branch=sister_community)
    elections.candidates.add_members(term, [wu])
    candidate(election, "张桂芬").delete()
    Candidate.objects.filter(member=wu).update(is_elected=True)

    elections.confirm(election, street_reviewer)

    assert post_of("吴凤英").branch == term.branch
