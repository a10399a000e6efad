"""Rosters (名册) as the streets send them: read, compared, taken into the register."""
