"""Filters and tags that hand dates, numbers and names to templates ready to print."""

from django import template

from federation import wording
from federation.site import site_root

register = template.Library()

register.filter("weekday", wording.weekday_name)
register.filter("grouped", wording.grouped)
register.filter("masked_phone", wording.masked_phone)
register.filter("day_label", wording.day_label)
register.simple_tag(wording.day_range, name="day_range")
register.simple_tag(wording.clock_range, name="clock_range")


@register.filter
def month_title(month) -> str:
    """Return ``2026 年 11 月`` of a Month or of any day in it."""
    number = getattr(month, "number", None) or month.month
    return f"{month.year} 年 {number} 月"


@register.simple_tag
def site():
    """Return the root branch's names: who publishes these pages."""
    return site_root()


@register.simple_tag(takes_context=True)
def render_panel(context, template_name: str, parts: dict) -> str:
    """Return the panel *template_name* rendered with its own *parts* alone, and with
    the page's token, for the forms in it."""
    panel = context.template.engine.get_template(template_name)
    token = {"csrf_token": context.get("csrf_token")}
    return panel.render(context.new(parts | token))
