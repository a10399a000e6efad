"""Recognition as 出彩人家: the one door for applying, deciding and what comes after.

    申报 apply → 村初评 assess → 街道复核 review → 公示 publish → 区认定 grant
    then: 复核合格 renew · 限期整改 warn · 整改合格 mend · 摘牌 revoke, and apply again

Each act takes many rows at once, in one transaction: all of them or none. What cannot
be done is refused with a RefusedError that names which households and why. Each act on
each row is a dated ``RecognitionStep``; the row itself says where it stands.
"""

from families.recognition.after import mend, renew, revoke, warn
from families.recognition.applying import apply
from families.recognition.checking import RefusedError, name_of
from families.recognition.deciding import STRIDES, advance, refuse
from families.recognition.villages import Standing, proposals, standings

__all__ = [
    "STRIDES",
    "RefusedError",
    "Standing",
    "advance",
    "apply",
    "mend",
    "name_of",
    "proposals",
    "refuse",
    "renew",
    "revoke",
    "standings",
    "warn",
]
