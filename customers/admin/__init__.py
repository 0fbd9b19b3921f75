from customers.admin import cases, imports, kinds, orders, profile  # noqa: F401 -- each registers its pages
