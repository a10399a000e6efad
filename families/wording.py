"""How the programme's facts are said on pages and in files."""

from families.models.choices import Stage


def standing_of(household) -> str:
    """Return where the recognition of *household* stands; it comes from
    ``with_recognition()``."""
    if household.stage_now is None:
        return ""
    if household.mend_by_now:
        return f"限期整改（{household.mend_by_now:%Y-%m-%d} 前）"
    label = Stage(household.stage_now).label
    return label if household.stage_now == Stage.GRANTED else f"申报中（{label}）"
