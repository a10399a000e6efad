"""Until when a recognition holds before it is looked at again, and how long a 限期整改
may run."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError

from families.models import Standard
from families.models.choices import Subject
from families.recognition.steps import months_later

LONGEST_MENDING = timedelta(days=366)


def review_day(subject: str, on: date) -> date:
    """Return when 复核 is due of what is recognised or confirmed on *on*. Raises
    ValidationError if no standard is in force."""
    standard = Standard.objects.in_force(subject, on)
    if standard is None:
        label = Subject(subject).label
        raise ValidationError(f"{on} 还没有{label}的评选标准，请区妇联先登记。")
    return months_later(on, standard.review_after)
