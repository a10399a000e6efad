"""The one part of the calendar that is printed a hundred times on a page.

In Python because of that: as a template these few lines took half of the page's time.
"""

from django import template
from django.utils.html import format_html

from activities.calendar import Entry

register = template.Library()

EVENT = (
    '<a class="ev c-{}{}" href="{}"><span class="t{}">{}{}</span> '
    "<b>{}{}</b><small>{}</small><em>{}</em></a>"
)


@register.filter
def event(entry: Entry) -> str:
    """Return the link of an activity on one of its days: hour, title, place, kind."""
    line = entry.line
    return format_html(
        EVENT,
        line.colour,
        " off" if line.state else "",
        line.url,
        "" if entry.is_clock else " word",
        entry.time,
        format_html("<i>{}</i>", entry.until) if entry.until else "",
        format_html("<mark>{}</mark>", line.state) if line.state else "",
        format_html("<s>{}</s>", line.title) if line.is_cancelled else line.title,
        line.where,
        line.tag,
    )
