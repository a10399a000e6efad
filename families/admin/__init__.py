from families.admin import (  # noqa: F401
    batches,
    households,
    inspections,
    recognitions,
    standards,
)
