"""The choices of the programme, each with the word the office uses."""

from django.db.models import TextChoices


class Occupancy(TextChoices):
    LIVED_IN = "lived_in", "常住"
    EMPTY = "empty", "空置"


class Subject(TextChoices):
    """Whom a standard or a recognition is about."""

    HOUSEHOLD = "household", "家庭户"
    VILLAGE = "village", "村"


class InspectionKind(TextChoices):
    SELF = "self", "自评"
    VILLAGE = "village", "村评"
    TOWN = "town", "镇街复核"
    DISTRICT = "district", "区抽查"
    REVISIT = "revisit", "回访"


# A village's own look at itself does not decide about it.
FROM_ABOVE = (InspectionKind.TOWN, InspectionKind.DISTRICT, InspectionKind.REVISIT)


class Outcome(TextChoices):
    MET = "met", "达标"
    TO_MEND = "to_mend", "限期整改"
    NOT_MET = "not_met", "不达标"


class Grade(TextChoices):
    """What a score is worth by the standard of its day."""

    MODEL = "model", "示范户"
    FAIR = "fair", "合格"
    BELOW = "below", "未达标"


class Stage(TextChoices):
    """Where a recognition stands, in the order it goes."""

    APPLIED = "applied", "申报"
    ASSESSED = "assessed", "村初评"
    REVIEWED = "reviewed", "街道复核"
    PUBLISHED = "published", "公示"
    GRANTED = "granted", "已认定"
    REFUSED = "refused", "未通过"
    REVOKED = "revoked", "已摘牌"


ON_THE_WAY = (Stage.APPLIED, Stage.ASSESSED, Stage.REVIEWED, Stage.PUBLISHED)
# A subject has at most one of these at a time.
RUNNING = (*ON_THE_WAY, Stage.GRANTED)


class Act(TextChoices):
    """What happened to a recognition; each is a dated row of its history."""

    APPLY = "apply", "申报"
    ASSESS = "assess", "村初评通过"
    REVIEW = "review", "街道复核通过"
    PUBLISH = "publish", "公示"
    GRANT = "grant", "区认定"
    REFUSE = "refuse", "不予通过"
    RENEW = "renew", "复核合格"
    WARN = "warn", "限期整改"
    MEND = "mend", "整改合格"
    REVOKE = "revoke", "摘牌"
