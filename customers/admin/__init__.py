from customers.admin import (  # noqa: F401 -- each registers its pages
    attributes,
    cases,
    consumers,
    erasures,
    imports,
    kinds,
    merges,
    orders,
    profile,
    sensitivity,
    webhooks,
)
