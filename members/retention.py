"""How long personal data stays: a phone number for a year after the last post, who
stood and was not elected for as long as the election can be undone."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from federation import batches
from federation.journal import UNDO_DAYS
from federation.months import local_today
from members.models import Candidate, Election, Member, Post

KEEP_PHONE = timedelta(days=365)


@transaction.atomic
def purge(today: date | None = None) -> int:
    """Set the date until which each phone is kept, delete those past it, and return
    how many were deleted. The people and their posts stay."""
    today = today or local_today()
    running = Post.objects.in_post(today).filter(member=OuterRef("pk"))
    coming = Post.objects.filter(member=OuterRef("pk"), started_on__gt=today)
    with_phone = Member.objects.exclude(phone="")
    Member.objects.filter(
        Exists(running) | Exists(coming), purge_on__isnull=False
    ).update(purge_on=None)
    left = with_phone.filter(~Exists(running), ~Exists(coming))
    ended = left.annotate(last=Max("posts__ended_on"))
    changed = []
    for row in ended.only("pk", "created_at", "purge_on"):
        # Whoever never held a post counts from her registration.
        keep_until = (row.last or timezone.localdate(row.created_at)) + KEEP_PHONE
        if row.purge_on != keep_until:
            row.purge_on = keep_until
            changed.append(row)
    Member.objects.bulk_update(changed, ["purge_on"], batch_size=batches.BATCH)
    return with_phone.filter(purge_on__lte=today).update(phone="")


def forget_candidates(today: date | None = None) -> int:
    """Delete who was not elected in elections that cannot be undone any more."""
    limit = (today or local_today()) - timedelta(days=UNDO_DAYS)
    over = Election.Status.CONFIRMED, Election.Status.UNDONE
    old = Candidate.objects.filter(
        Q(is_elected=False) | Q(term__election__status=Election.Status.UNDONE),
        term__election__status__in=over,
        term__election__confirmed_at__date__lt=limit,
    )
    return old.delete()[0]
