"""How a branch is named after its place."""

COMMITTEES = ("村民委员会", "村委会", "类似居委会", "居民委员会", "居委会")
FEDERATIONS = ("妇女联合会", "妇联")
ALREADY_A_PLACE = ("村", "社区", "嘎查")


def short_name_of(place_name: str) -> str:
    """Return the place without its committee: 官庄村村民委员会 → 官庄村."""
    for ending in FEDERATIONS + COMMITTEES:
        bare = place_name.removesuffix(ending)
        if bare and bare != place_name:
            # 官庄村民委员会 is 官庄村's: one 村 stands for both.
            is_village = ending in ("村民委员会", "村委会")
            if is_village and not bare.endswith(ALREADY_A_PLACE):
                bare += "村"
            return bare
    return place_name


def branch_name_of(place_name: str) -> str:
    """Return the branch's name: 明一社区居民委员会 → 明一社区妇联."""
    return f"{short_name_of(place_name)}妇联"
