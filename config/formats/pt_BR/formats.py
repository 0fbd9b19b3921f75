"""Brazilian dates as lists show them; what is not here is Django's."""

# Django's "31 de outubro de 2026 às 10:00" takes two lines in every list.
DATETIME_FORMAT = "d/m/Y H:i"
