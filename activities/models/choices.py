"""The words of an activity; stored codes are English, the office reads Chinese."""

from django.db.models import TextChoices


class Kind(TextChoices):
    THEORY = "theory", "理论宣讲"
    LAW = "law", "普法宣讲"
    LAW_TRAINING = "law_training", "法律明白人培训"
    LAW_FORUM = "law_forum", "法治论坛"
    LECTURE = "lecture", "讲座"
    SKILL_COMMERCE = "skill_commerce", "技能培训·电商"
    SKILL_HOME = "skill_home", "技能培训·家政"
    SKILL_WEAVING = "skill_weaving", "技能培训·手工编织"
    SKILL_PASTRY = "skill_pastry", "技能培训·面点"
    PARENTING = "parenting", "家庭教育"
    CHILDREN = "children", "儿童实践"
    MATCHMAKING = "matchmaking", "联谊交友"
    HEALTH = "health", "健康服务"
    VOLUNTEERING = "volunteering", "志愿服务"
    VISIT = "visit", "走访慰问"
    CULTURE = "culture", "文体活动"
    MEETING = "meeting", "会议"
    OTHER = "other", "其他"


class Format(TextChoices):
    OFFLINE = "offline", "线下"
    ONLINE = "online", "线上"
    BOTH = "both", "线上线下"


class Audience(TextChoices):
    WOMEN = "women", "妇女"
    CHILDREN = "children", "儿童"
    FAMILIES = "families", "家庭"
    COMMITTEE = "committee", "执委"
    ENTREPRENEURS = "entrepreneurs", "女企业家"
    NEW_JOBS = "new_jobs", "新就业群体"


class CountMethod(TextChoices):
    SHEET = "sheet", "签到表"
    HEADCOUNT = "headcount", "现场清点"
    EXPORT = "export", "平台导出"
    ESTIMATE = "estimate", "估算"


class Review(TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "通过"
    WITHDRAWN = "withdrawn", "撤回"


class Happening(TextChoices):
    PLANNED = "planned", "计划"
    HELD = "held", "已举办"
    POSTPONED = "postponed", "延期"
    CANCELLED = "cancelled", "取消"


class Visibility(TextChoices):
    PUBLIC = "public", "公开"
    INTERNAL = "internal", "仅内部"


class Stage(TextChoices):
    PLAN = "plan", "预告"
    RESULT = "result", "结果"


class PartnerRole(TextChoices):
    HOST = "host", "承办"
    CO_HOST = "co_host", "协办"
    JOINT = "joint", "联办"
