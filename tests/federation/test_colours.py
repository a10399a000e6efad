"""Every pair of text and ground on the public pages is at least 4.5 : 1."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
LIGHT, DARK = re.findall(r":root\s*{(.*?)}", TOKENS, re.DOTALL)

TEXTS = ("ink", "soft", "faint", "rose", "spring", "gold", "violet", "plain")
GROUNDS = ("paper", "card")
CHAPTERS = ("rose", "spring", "gold", "violet", "plain")
PAIRS = [
    *[(text, ground) for text in TEXTS for ground in GROUNDS],
    *[(text, "shade") for text in ("ink", "soft", "rose")],
    *[(text, f"{c}-soft") for c in CHAPTERS for text in (c, "ink", "soft")],
    ("on-fill", "fill"),
    ("on-fill", "fill-hover"),
    ("on-ink-fill", "ink-fill"),
]


def tokens(block):
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", block))


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_the_one_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(text, ground, scheme):
    colours = tokens({"light": LIGHT, "dark": DARK}[scheme])
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_field_can_be_seen(ground, scheme):
    colours = tokens({"light": LIGHT, "dark": DARK}[scheme])
    assert contrast(colours["edge"], colours[ground]) >= 3


def test_both_schemes_name_the_same_colours():
    assert set(tokens(LIGHT)) == set(tokens(DARK))
