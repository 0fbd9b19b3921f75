from customers.admin import cases, consumers, imports, kinds, orders, profile  # noqa: F401 -- each registers its pages
