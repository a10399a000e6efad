"""No ID numbers anywhere: recognise a citizen's ID number in whatever is typed."""

import re
import unicodedata

from django.core.exceptions import ValidationError

_CANDIDATE = re.compile(r"(?<![0-9])(?:[0-9][\s\-·.]{0,3}){17}[0-9Xx](?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"  # GB 11643-1999, ISO 7064 MOD 11-2

REFUSAL = "这里不能填写身份证号，请删去后再保存。"


def contains_id_number(text: str) -> bool:
    """Tell whether *text* holds 18 characters with a valid ID checksum, spaced or in
    full-width digits too."""
    plain = unicodedata.normalize("NFKC", text or "")
    return any(_is_valid(match.group()) for match in _CANDIDATE.finditer(plain))


def _is_valid(candidate: str) -> bool:
    number = "".join(c for c in candidate.upper() if c in "0123456789X")
    total = sum(
        int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)
    )
    return number[17] == _CHECK_CHARACTERS[total % 11]


def refuse_id_number(text: str) -> None:
    """Validator: raise ValidationError if *text* contains an ID number."""
    if contains_id_number(text):
        raise ValidationError(REFUSAL, code="id_number")


# Whatever looks like one in a file that somebody sends: 15 or 18 characters, whether
# the checksum fits or not.
_LOOKS_LIKE_ONE = re.compile(
    r"(?<![0-9])(?:[0-9][\s\-·.]{0,3}){14}(?:(?:[0-9][\s\-·.]{0,3}){3}[0-9Xx]|[0-9])"
    r"(?![0-9Xx])"
)


def looks_like_id_number(text: str) -> bool:
    """Tell whether *text* holds 15 or 18 digits in a row, spaced and in full-width
    digits too: in an import it is left out, valid or not."""
    if len(text) < 15:
        return False
    return bool(_LOOKS_LIKE_ONE.search(unicodedata.normalize("NFKC", text)))
