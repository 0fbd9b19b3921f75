from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import pgettext_lazy

from common.converters import ShopName


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = pgettext_lazy("part of the back office", "System")

    def ready(self) -> None:
        register_converter(ShopName, "shop_name")
