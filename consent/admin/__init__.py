from consent.admin import (  # noqa: F401 -- each registers its pages
    choices,
    purposes,
    retention,
    settings,
    suppressions,
)
