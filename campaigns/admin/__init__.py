from campaigns.admin import (  # noqa: F401 -- each registers its pages
    apologies,
    campaigns,
    offers,
    redemptions,
    templates,
    vouchers,
)
