from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Clientela"


class BackOfficeConfig(AdminConfig):
    """Django's admin with our site; Unfold is listed as ``BasicAppConfig``, which brings none."""

    default_site = "config.back_office.BackOffice"
