"""Reminders of a month's reporting (催报): who is sent what, when, by which channel.

``remind`` is called by beat, again and again; what it did stands in ``Reminder``, one
row written before each message leaves. At most two a month reach a person, on workdays
and in working hours, never for a closed month, and none while the district has
switched them off.

A deployment adds a channel for text messages with ``SMS_BACKEND`` (``channels``); an
app that knows the phones of accounts says so in its ``reminding.py`` (``phones``).
"""

from rollups.reminders.phones import register_phones
from rollups.reminders.sending import remind
from rollups.reminders.switch import switch

__all__ = ["register_phones", "remind", "switch"]
