"""Which branch a word in a file means: by code or name, never by a guess.

A word that means one branch within reach is that branch; one that means several, or
none, becomes a question to whoever imports.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass

from federation.imports.plans import Question
from federation.models import Branch
from federation.place_names import short_name_of

SKIP = "-"  # the answer that leaves a word's lines out
ENDINGS = ("村", "社区")  # that people leave out
# Sheets that are named after what they hold, not after a place.
NO_PLACE = re.compile("sheet|工作表|名册|名单|汇总|台账|统计|信息|模板|^表?[0-9]*$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line belongs; without a branch, why it cannot be told."""

    branch: Branch | None
    refusal: str = ""


class Places:
    """The branches at and below *root* where *user* holds *permission*; those of one
    *level* if there is one to which all lines belong."""

    def __init__(
        self, root: Branch, user, permission: str, answers: dict[str, str], level=""
    ):
        self.root, self.answers = root, answers
        found = Branch.objects.active().visible_to(user, permission).within(root)
        if level:
            found = found.filter(level=level)
        self.branches = list(found.select_related("parent").order_by("path"))
        self.of_code = {branch.code: branch for branch in self.branches}
        self._of_word = defaultdict(dict)
        for branch in self.branches:
            for word in self._words_of(branch):
                self._of_word[word][branch.pk] = branch
        # The longest first: 明水街道官庄村 before 官庄村, and that before 明水街道.
        self._names = sorted(
            (word for word in self._of_word if len(word) > 1 and not word.isascii()),
            key=len,
            reverse=True,
        )
        self._strangers: dict[str, Branch] | None = None
        self._times = Counter(branch.name for branch in self.branches)
        self._asked: dict[str, Question] = {}
        self._found: dict[tuple, tuple[Place, str]] = {}

    def find(self, word: str, sheet: str, above: str, *, is_only_sheet: bool) -> Place:
        """Return where a line belongs: by the *word* of its column, else by the name of
        its *sheet*, else by the title lines *above* it, else to the root."""
        key = (word, sheet, above)
        if key not in self._found:
            self._found[key] = self._find(word, sheet, above, is_only_sheet)
        place, asked = self._found[key]
        if asked in self._asked:
            self._asked[asked].rows += 1
        return place

    def label(self, branch: Branch) -> str:
        """Return the branch's name, with the place above it if others share it."""
        if self._times[branch.name] > 1 and branch.parent:
            return f"{branch.parent.short_name}{branch.name}"
        return branch.name

    @property
    def questions(self) -> list[Question]:
        return list(self._asked.values())

    def _find(self, word, sheet, above, is_only_sheet) -> tuple[Place, str]:
        if word:
            return self._decided(word, self._meaning(word))
        if sheet and (found := self._meaning(sheet) or self._named_in(sheet)):
            return self._decided(sheet, found)
        if sheet and not is_only_sheet and not NO_PLACE.search(_plain(sheet)):
            return self._decided(sheet, [])
        if above and (found := self._named_in(above)):
            return self._decided(above, found)
        for text in filter(None, (sheet, above)):
            # A village's own list, handed in for another one.
            if stranger := self._stranger_in(text):
                return Place(None, self._outside(stranger.name)), ""
        if self.root.code in self.of_code:
            return Place(self.root), ""
        return self._decided(above or sheet or "（没有写明组织）", [])

    def _decided(self, word: str, found: list[Branch]) -> tuple[Place, str]:
        word = word[:100]
        if len(found) == 1:
            return Place(found[0]), ""
        answer = self.answers.get(word, "")
        if answer == SKIP:
            return Place(None, f"“{word}”的行按您的选择没有导入。"), ""
        if answer in self.of_code:
            return Place(self.of_code[answer]), ""
        if not found and self._is_stranger(word):
            return Place(None, self._outside(word)), ""
        if word not in self._asked:
            offered = found or self.branches
            choices = [(branch.code, self._offered_as(branch)) for branch in offered]
            self._asked[word] = Question(word, 0, choices)
        several = "有几个同名的" if found else "不认识，"
        return Place(None, f"组织“{word}”{several}请先选定是哪一个。"), word

    def _offered_as(self, branch: Branch) -> str:
        above = f"（{branch.parent.short_name}）" if branch.parent else ""
        return f"{branch.name}{above}"

    def _meaning(self, word: str) -> list[Branch]:
        plain = _plain(word)
        bare = short_name_of(plain)
        for form in (plain, bare):
            if form in self._of_word:
                return list(self._of_word[form].values())
        endings = [self._of_word.get(f"{bare}{end}", {}) for end in ENDINGS]
        return list((endings[0] | endings[1]).values())

    def _named_in(self, text: str) -> list[Branch]:
        plain = _plain(text)
        for word in self._names:
            if word in plain:
                return list(self._of_word[word].values())
        return []

    def _outside(self, word: str) -> str:
        return f"“{word}”不在{self.root}范围内，没有导入；请由它所属的妇联导入。"

    def _is_stranger(self, word: str) -> bool:
        plain = _plain(word)
        bare = short_name_of(plain)
        forms = (plain, bare, *(f"{bare}{end}" for end in ENDINGS))
        return any(form in self._strange_words() for form in forms)

    def _stranger_in(self, text: str) -> Branch | None:
        plain = _plain(text)
        words = self._strange_words()
        named = (w for w in words if len(w) > 2 and not w.isascii() and w in plain)
        longest = max(named, key=len, default="")
        return words.get(longest)

    def _strange_words(self) -> dict[str, Branch]:
        """Return the words of the branches beside *root*: neither below it nor above
        it. Read when a word is not known within reach, which is seldom."""
        if self._strangers is None:
            self._strangers = {}
            branches = Branch.objects.active().select_related("parent")
            for branch in branches.order_by("path"):
                apart = not branch.path.startswith(self.root.path)
                if apart and not self.root.path.startswith(branch.path):
                    for word in self._words_of(branch):
                        self._strangers.setdefault(word, branch)
        return self._strangers

    def _words_of(self, branch: Branch) -> set[str]:
        own = {branch.name, branch.short_name, branch.place_name} - {""}
        words = {branch.code, *own}
        if branch.parent:
            above = branch.parent.short_name
            words |= {f"{above}{name}" for name in own}
        return {_plain(word) for word in words}


def is_only_sheet(lines) -> bool:
    """Tell whether all *lines* stand on one sheet: its name may mean nothing then."""
    return len({line.sheet for line in lines}) <= 1


def _plain(word: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", word)).lower()
