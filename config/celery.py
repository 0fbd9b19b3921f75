"""The bell: tasks look for rows in a state; losing a message costs seconds, not data."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("clientela")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
