"""The choices of the register, each with the word the office uses."""

from django.db.models import TextChoices


class Gender(TextChoices):
    FEMALE = "female", "女"
    MALE = "male", "男"


class Education(TextChoices):
    """In ascending order: ``BACHELOR_AND_UP`` are the last two."""

    JUNIOR = "junior", "初中及以下"
    SECONDARY = "secondary", "高中中专"
    COLLEGE = "college", "大专"
    BACHELOR = "bachelor", "本科"
    GRADUATE = "graduate", "研究生"


BACHELOR_AND_UP = (Education.BACHELOR, Education.GRADUATE)


class PoliticalStatus(TextChoices):
    PARTY = "party", "中共党员"
    DEMOCRATIC = "democratic", "民主党派"
    LEAGUE = "league", "共青团员"
    MASSES = "masses", "群众"


class Title(TextChoices):
    """In the order in which a committee is listed."""

    CHAIR = "chair", "主席"
    VICE_FULL = "vice_full", "专职副主席"
    VICE_PART = "vice_part", "兼职副主席"
    VICE_SECONDED = "vice_seconded", "挂职副主席"
    STANDING = "standing", "常委"
    COMMITTEE = "committee", "执委"


class ConcurrentOffice(TextChoices):
    """The office she holds besides; the first two are asked of a street's chair."""

    PARTY_GOVERNMENT_DEPUTY = "deputy", "党政副职"
    DEPUTY_RANK = "deputy_rank", "副职级干部"
    VILLAGE_COMMITTEES = "village", "村两委"
    OTHER = "other", "其他"


class Ending(TextChoices):
    TERM_OVER = "term_over", "届满"
    RESIGNED = "resigned", "辞职"
    TRANSFERRED = "transferred", "调离"
    DISMISSED = "dismissed", "罢免"
    DIED = "died", "去世"
    REPLACED = "replaced", "替补"
    BRANCH_CLOSED = "branch_closed", "组织撤销"


class Method(TextChoices):
    CONGRESS = "congress", "妇女代表大会"
    ASSEMBLY = "assembly", "妇女大会"
    COMMITTEE = "committee", "执委会"


class Contest(TextChoices):
    EQUAL = "equal", "等额"
    CONTESTED = "contested", "差额"


class TermStatus(TextChoices):
    """The states of a term, in the order in which it goes through them."""

    NOT_STARTED = "not_started", "未启动"
    PREPARING = "preparing", "筹备"
    POSTPONED = "postponed", "延期"
    ELECTED = "elected", "已选举"
    APPROVED = "approved", "已批复"
    FILED = "filed", "已备案"


BEFORE_ELECTION = (TermStatus.NOT_STARTED, TermStatus.PREPARING, TermStatus.POSTPONED)


class ElectionStatus(TextChoices):
    DRAFT = "draft", "进行中"
    CONFIRMED = "confirmed", "已确认"
    UNDONE = "undone", "已撤销"
    DROPPED = "dropped", "已放弃"


# One still works on these: what was taken back is corrected and confirmed again.
OPEN_ELECTION = (ElectionStatus.DRAFT, ElectionStatus.UNDONE)


class Rank(TextChoices):
    """From the country down; the order of lists."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"
    TOWN = "town", "镇街级"


class HonourState(TextChoices):
    RECOMMENDED = "recommended", "推荐"
    ANNOUNCED = "announced", "公示"
    AWARDED = "awarded", "获评"
    REVOKED = "revoked", "撤销"


class CongressLevel(TextChoices):
    NATIONAL = "national", "全国"
    PROVINCE = "province", "省"
    CITY = "city", "市"
    DISTRICT = "district", "区"
    TOWN = "town", "镇街"
