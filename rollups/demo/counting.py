"""The last step of the demo: count what the other apps brought."""

from federation.demo import Demo, look_over, step
from rollups import engine


@step(900, "汇总")
def count(demo: Demo) -> None:
    """Open the five years' months, count them, and serve every mark."""
    look_over()
    engine.recount_range(demo.first_month, demo.last_month, at_once=12)
    engine.drain_marks()
    look_over()
