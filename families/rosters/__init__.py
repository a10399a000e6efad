"""Rosters of households as the villages send them: read, compared, taken in."""
