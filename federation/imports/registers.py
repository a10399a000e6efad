"""The registers that take files in, each declared by its app and found here by code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence

from federation.imports.layout import Table, Titles
from federation.imports.plans import Plan
from federation.journal import Recorder


class Register(ABC):
    """
    How files come into one register.

    code        stable identifier, part of an address: "roster"
    label       what is imported, 执委名册
    permission  who may import, where: "members.import_member"
    list_page   the admin's page of what is in the register
    form        the questions beside the file, an ``UploadForm``
    titles      the columns a file may have, by the words that stand over them
    needed      the column without which a sheet is none of this register's
    explanation one paragraph about what the file should hold
    """

    code: str
    label: str
    permission: str
    list_page: str
    form: type
    titles: Titles
    needed: str
    explanation: str

    @abstractmethod
    def read(self, content: bytes, titles: Titles) -> list[Table]:
        """Return what may be kept of a file; *titles* are this register's with what
        was said of them before. Raises ValidationError if it is none of
        this register."""

    @abstractmethod
    def plan(self, tables: list[Table], branch, user, options, answers) -> Plan:
        """Compare *tables* with what *user* may import into *branch* and below, and
        write nothing."""

    @abstractmethod
    def write(self, plan: Plan, recorder: Recorder, told: Callable[[int], None]):
        """Write *plan* through *recorder*; *told* hears how many rows are written."""

    @abstractmethod
    def hold(self, branch) -> None:
        """Lock what a plan for *branch* is made from, so that it can be written."""

    @abstractmethod
    def send(self, filename: str, header: Sequence[str], rows: Iterable[Sequence]):
        """Return the response that hands out a workbook."""


_registers: dict[str, Register] = {}


def register(adapter: Register) -> Register:
    """Add *adapter*. Raises ValueError if its code is taken."""
    if adapter.code in _registers:
        raise ValueError(f"two registers called {adapter.code!r}")
    _registers[adapter.code] = adapter
    return adapter


def register_of(code: str) -> Register:
    """Return the register called *code*. Raises KeyError if there is none."""
    return _registers[code]


def all_registers() -> Iterator[Register]:
    yield from sorted(_registers.values(), key=lambda adapter: adapter.code)
