"""What the district defines without code: indicators the branches report by a number,
indicators narrowed from declared ones, and what was counted before the site.

Importing this package provides their indicators to the registry.
"""

from rollups.reported.answers import Answers, answers_of
from rollups.reported.baselines import Note, baselines_for
from rollups.reported.definitions import defined_indicators

__all__ = ["Answers", "Note", "answers_of", "baselines_for", "defined_indicators"]
