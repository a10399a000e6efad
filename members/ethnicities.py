"""The 56 recognised ethnic groups (民族), GB/T 3304-1991, in the standard's order."""

from django.core.exceptions import ValidationError

HAN = "汉族"
# The standard's names are written without 族 in many rosters; both are understood.
_NAMES = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 "
    "佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 "
    "锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 "
    "鄂伦春 赫哲 门巴 珞巴 基诺"
)
ETHNICITIES = tuple(f"{name}族" for name in _NAMES.split())


def ethnicity_of(text: str) -> str:
    """Return the name of the standard that *text* means, or *text* as it is."""
    full = text if text.endswith("族") else f"{text}族"
    return full if full in ETHNICITIES else text


def refuse_unknown_ethnicity(text: str) -> None:
    """Validator: raise ValidationError unless *text* is one of the 56."""
    if text not in ETHNICITIES:
        raise ValidationError(
            f"民族“{text[:10]}”不在 56 个民族之内，请写全称，如汉族。"
        )
