from django.urls.converters import StringConverter


class ShopName(StringConverter):
    """The shop's own name for something, as an address holds it: ``<shop_name:external_id>``.

    PostgreSQL refuses the zero byte even in a question.
    """

    regex = r"[^/\x00]{1,64}"
