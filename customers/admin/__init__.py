from customers.admin import cases, orders, profile  # noqa: F401 -- each registers its pages
