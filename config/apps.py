from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules

from config import checks  # noqa: F401 -- registers them


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Clientela"

    def ready(self) -> None:
        # Each app's ``receivers.py`` is found by its name, as Django finds ``admin.py``.
        autodiscover_modules("receivers")


class BackOfficeConfig(AdminConfig):
    """Django's admin with our site; Unfold is listed as ``BasicAppConfig``, which brings none."""

    default_site = "config.back_office.BackOffice"
