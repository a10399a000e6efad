"""Share a whole number out, so that the parts add up to exactly that number."""

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """
    Return integers that sum to *total*, in proportion to *weights*, none below *least*.

    The largest remainders get what rounding leaves over; ties go to the earlier one.
    Raises ValueError if *total* is too small for *least*.
    """
    rest = total - least * len(weights)
    if rest < 0 or not weights:
        raise ValueError(f"{total} cannot be shared among {len(weights)}")
    whole = sum(weights)
    shares = [rest * weight / whole for weight in weights]
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in order[: rest - sum(parts)]:
        parts[i] += 1
    return [part + least for part in parts]
