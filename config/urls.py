"""Every address of the program."""

from django.conf import settings
from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from common.views import mail, mail_message

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
]

if not settings.EMAIL_URL:
    urlpatterns += [
        path("mail/", mail, name="mail"),
        path("mail/<str:name>/", mail_message, name="mail_message"),
    ]
