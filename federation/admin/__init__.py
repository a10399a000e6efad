"""The federation's pages in the admin: branches, accounts, programmes, logs."""

from federation.admin import (  # noqa: F401  each registers its pages
    accounts,
    audit_log,
    branches,
    disclosures,
    imports,
    months,
    programmes,
    site,
    stats,
    successions,
)
