"""出彩人家 in the demo: the register of the villages, what was seen at the households,
who was recognised, in which round, and what became of it."""

from families.demo import recognition, register

__all__ = ["recognition", "register"]
