from customers.admin import cases, imports, orders, profile  # noqa: F401 -- each registers its pages
