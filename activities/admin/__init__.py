"""The staff's own screen: entering an activity on a phone, and deciding about it."""

from activities.admin import activity  # noqa: F401  registers the pages
