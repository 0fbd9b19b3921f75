from consent.admin import (  # noqa: F401 -- each registers its pages
    choices,
    inbound,
    purposes,
    retention,
    settings,
    subject_requests,
    suppressions,
)
