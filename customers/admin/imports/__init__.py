"""Files come in: brought, mapped, checked, run, and what became of them."""

from customers.admin.imports import jobs, mappings  # noqa: F401 -- each registers its pages
