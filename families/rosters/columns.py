"""The columns a roster of households may have, by the words that stand over them."""

from federation.imports.layout import Titles

NEEDED = "contact_name"
# The first title of a column is the best: with 户主 beside 姓名, the former is meant.
COLUMNS = {
    "branch": """村（社区） 所在村 村社区 村/社区 村居 村(居) 村名 村庄 社区名称 社区
        所属村 所属社区 行政村 村 所属妇联 妇联组织 组织名称 组织编码 区划编码""",
    "number": "户号 家庭户号 户编号 家庭编号 编号",
    "serial": "序号 序 顺序号",
    "contact_name": """户主 户主姓名 户主名 户主或联系人 户主(联系人) 家庭户主 户名
        联系人 联系人姓名 姓名 名字 家庭代表 女主人""",
    "group": """村组 组 小组 村民小组 居民小组 组别 所在组 村民组 网格 所属小组""",
    "door": """门牌 门牌号 门牌号码 住址 家庭住址 地址 详细地址 家庭地址 居住地址
        房号 楼房号 楼栋""",
    "phone": """手机号 手机号码 手机 联系电话 联系方式 电话 电话号码 户主电话
        联系手机""",
    "has_courtyard": """庭院 有庭院 有无庭院 是否有庭院 院落 有无院落 庭院情况 院落情况
        是否庭院户""",
    "occupancy": """居住情况 居住状态 常住/空置 常住空置 常住或空置 是否常住 常住
        居住状况""",
    "is_empty": "是否空置 空置 空置情况 是否空置户 空置户",
}
TITLES = Titles({column: titles.split() for column, titles in COLUMNS.items()})
