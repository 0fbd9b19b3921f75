from consent.admin import (  # noqa: F401 -- each registers its pages
    choices,
    endings,
    inbound,
    notices,
    purposes,
    restrictions,
    retention,
    settings,
    subject_requests,
    suppressions,
)
