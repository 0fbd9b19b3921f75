from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from common.converters import ShopName


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = _("System")

    def ready(self) -> None:
        register_converter(ShopName, "shop_name")
