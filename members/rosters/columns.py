"""The columns a roster may have, by the words that stand over them."""

from federation.imports.layout import Titles

NEEDED = "name"
# The first title is the best: with 妇联职务 beside 职务, the former is the post.
COLUMNS = {
    "branch": """所属妇联 妇联组织 所属组织 所属妇联组织 所在妇联 妇联名称
        组织名称 组织编码 妇联编码 区划编码 编码 所在村 所在村(社区) 所在社区
        村(社区) 村/社区 村居 村社区 村(居) 村名 社区名称 所属村 所属社区 行政村
        村 社区 所在单位妇联""",
    "name": "姓名 名字 执委姓名 妇联执委姓名 人员姓名 候选人姓名 候选人",
    "gender": "性别",
    "birth_month": "出生年月 出生日期 出生年月日 生日 出生时间 出生",
    "ethnicity": "民族",
    "education": "学历 文化程度 最高学历 文化 全日制学历 学历学位",
    "political_status": "政治面貌 党派 政治面目 是否党员",
    "title": """妇联职务 妇联任职 现任妇联职务 妇联内职务 任妇联职务 拟任妇联职务
        拟任职务 当选职务 任职情况 职务 职位 职务名称""",
    "work_unit": """工作单位及职务 工作单位和职务 单位及职务 现工作单位及职务
        工作单位 单位 所在单位 现任职务 行政职务 村内职务 社会职务 其他职务""",
    "occupation": "职业 从事职业 从业情况",
    "phone": """手机号 手机号码 手机 联系电话 联系方式 电话 电话号码 移动电话
        联系手机""",
    "is_village_cadre": """是否两委成员 两委成员 是否村两委成员 村(社区)两委成员
        村两委成员 是否村(社区)两委成员 是否两委 两委 是否进两委""",
    "is_grid_worker": "兼任网格员 是否网格员 网格员 是否兼任网格员 兼网格员",
    "is_new_employment": "新就业群体 是否新就业群体",
    "skills": "特长 专长 技能 个人特长",
    "concurrent_office": "兼任 兼任职务 主席兼任 兼任党政职务",
    "started_on": """任职时间 任职日期 任现职时间 当选时间 当选日期 任妇联职务时间
        起任时间 上任时间 任职开始时间 任职起始时间""",
    "ended_on": """卸任日期 卸任时间 离任时间 离任日期 免职时间 离职时间
        任职结束时间 任职终止时间""",
    "ending": "卸任原因 离任原因 免职原因 变动原因",
    "votes": "得票 得票数 票数 赞成票 同意票 得票情况",
}
TITLES = Titles({column: titles.split() for column, titles in COLUMNS.items()})
