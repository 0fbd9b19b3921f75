"""Every address of the program."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from common.discovery import declared
from common.urls import schema_urlpatterns, strict
from common.views import (
    choose_language,
    live,
    mail,
    mail_message,
    ready,
    shop_logo,
    shop_style,
)

urlpatterns: list[Any] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/", include((list(declared("urls", "api_urlpatterns")), "api"))),
    *schema_urlpatterns,
    *strict(declared("urls", "public_urlpatterns")),
    path("language/", choose_language, name="choose_language"),
    path("shop.css", shop_style, name="shop_style"),
    path("shop-logo", shop_logo, name="shop_logo"),
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
]

if not settings.EMAIL_URL:
    urlpatterns += [
        path("mail/", mail, name="mail"),
        path("mail/<str:name>/", mail_message, name="mail_message"),
    ]

handler400 = "common.exceptions.bad_request"
handler403 = "common.exceptions.permission_denied"
handler404 = "common.exceptions.not_found"
handler500 = "common.exceptions.server_error"
