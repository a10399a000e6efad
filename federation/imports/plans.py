"""What an import would do: one outcome for each line, and questions before it can."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import TextChoices


class Kind(TextChoices):
    CREATE = "create", "新增"
    CHANGE = "change", "修改"
    END = "end", "终止"
    UNCHANGED = "unchanged", "不变"
    REFUSED = "refused", "不能导入"


@dataclass(slots=True)
class Outcome:
    """What becomes of one line. Row 0: of a record that the file does not name."""

    kind: Kind
    sheet: str
    row: int
    place: str  # the branch, told apart from others of its name
    what: str
    detail: str = ""  # what changes, or why it is refused: for the reader


@dataclass(slots=True)
class Question:
    """A word that means no branch, or several: whoever imports says which one.
    *choices* are (value, label); without an answer its lines are refused."""

    word: str
    rows: int
    choices: list[tuple[str, str]]


@dataclass(slots=True)
class Plan:
    """The outcomes in the order of the file; ``work`` is what the register writes."""

    outcomes: list[Outcome]
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    work: object = None

    def counts(self) -> dict[str, int]:
        """Return how many outcomes there are of each kind, none left out."""
        found = Counter(outcome.kind for outcome in self.outcomes)
        return {str(kind): found[kind] for kind in Kind}
