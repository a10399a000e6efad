"""What a browser would send of a page's form as it stands."""

from html.parser import HTMLParser

SILENT = ("submit", "button", "image", "reset", "file")


class _Form(HTMLParser):
    """Collects the values of the named controls of a page."""

    def __init__(self):
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select = self._textarea = None
        self._is_first_option = False

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name")
        if tag == "input" and name and attrs.get("type") not in SILENT:
            is_box = attrs.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in attrs:
                value = attrs.get("value")
                without = "on" if is_box else ""
                self._add(name, without if value is None else value)
        elif tag == "select":
            self._select = None if "disabled" in attrs else name
            self._is_first_option = "multiple" not in attrs
        elif tag == "option" and self._select:
            if "selected" in attrs:
                self.values[self._select] = [attrs.get("value", "")]
            elif self._is_first_option:
                self._add(self._select, attrs.get("value", ""))
            self._is_first_option = False
        elif tag == "textarea" and name:
            self._textarea = name
            self._add(name, "")

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data):
        if self._textarea:
            self.values[self._textarea][-1] += data.lstrip("\n")

    def _add(self, name, value):
        self.values.setdefault(name, []).append(value)


def values_of(page: str) -> dict[str, list[str]]:
    """Return ``{name: values}`` of every control of *page* that would be sent."""
    form = _Form()
    form.feed(page)
    form.close()
    return form.values
