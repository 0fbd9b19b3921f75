from campaigns.admin import apologies, offers, redemptions, vouchers  # noqa: F401 -- each registers its pages
