"""How dates, times and numbers are written on every page."""

from datetime import date, time

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def weekday_name(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def day_label(day: date, year: bool = False) -> str:
    """Return ``11 月 24 日``, with the year in front if asked for."""
    label = f"{day.month} 月 {day.day} 日"
    return f"{day.year} 年 {label}" if year else label


def day_range(first: date, last: date, year: bool = False) -> str:
    """Return the days from *first* to *last* in the fewest words that stay clear."""
    if first == last:
        return day_label(first, year)
    if first.year != last.year:
        return f"{day_label(first, True)}至 {day_label(last, True)}"
    if first.month != last.month:
        return f"{day_label(first, year)}至 {day_label(last)}"
    return f"{day_label(first, year)}至 {last.day} 日"


def clock(moment: time | None) -> str:
    """Return ``09:00``, or nothing for no time."""
    return f"{moment:%H:%M}" if moment else ""


def clock_range(starts_at: time | None, ends_at: time | None) -> str:
    """Return ``09:00–11:30``, ``09:00 开始``, or nothing while no hour is known."""
    if starts_at is None:
        return ""
    if ends_at is None:
        return f"{clock(starts_at)} 开始"
    return f"{clock(starts_at)}–{clock(ends_at)}"


def grouped(number: int) -> str:
    """Return *number* with a comma every three digits: ``54,000``."""
    return f"{number:,}"


def masked_phone(phone: str) -> str:
    """Return ``138****1234``; a number too short to mask is hidden whole."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) < 7:
        return "****" if phone else ""
    return f"{digits[:3]}****{digits[-4:]}"


def listed_names(names: list[str], shown: int = 3) -> str:
    """Return ``甲、乙、丙等 5 个``: the first *shown* names, and how many there are."""
    first = "、".join(names[:shown])
    return f"{first}等 {len(names)} 个" if len(names) > shown else first
