"""Five years of demo records: every app adds its steps in its own ``demo`` module,
found as the indicators are. ``seed_demo`` runs them in order."""

from federation.demo import accounts, tree
from federation.demo.loading import Sketch, load, look_over, repeat
from federation.demo.registry import MONTHS, Demo, run, step, steps
from federation.demo.spread import apportion

__all__ = [
    "MONTHS",
    "Demo",
    "Sketch",
    "accounts",
    "apportion",
    "load",
    "look_over",
    "repeat",
    "run",
    "step",
    "steps",
    "tree",
]
