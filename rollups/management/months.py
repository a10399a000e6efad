"""A month as an argument of a command."""

from argparse import ArgumentTypeError

from federation.months import Month


def month_of(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是月份，请写成 2026-10。") from None
