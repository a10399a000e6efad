"""Where a text message reaches the person behind an account: the phone she gave the
register, as long as the register keeps it."""

from members.models import Member
from rollups.reminders.phones import register_phones


def phones_of(user_ids: list[int]) -> dict[int, str]:
    people = Member.objects.filter(account__in=user_ids, merged_into=None)
    return dict(people.exclude(phone="").values_list("account_id", "phone"))


register_phones("members", phones_of)
