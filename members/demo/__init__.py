"""The register of the demo: two terms of every committee with a 换届 in between, 5,200
invented people of whom exactly 5,000 are in post, honours, delegates, and what a real
register has too: elections that are late or half done, gaps, and people typed twice."""

from members.demo import honours, register, unfinished  # noqa: F401
