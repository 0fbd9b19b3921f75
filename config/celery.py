"""The bell: tasks look for rows in a state; losing a message costs seconds, not data."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("clientela")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Times are the shop's. What the bell wakes is looked at every few seconds all the same.
app.conf.beat_schedule = {
    "loyalty: follow orders": {
        "task": "loyalty.tasks.follow_orders",
        "schedule": 15,
        "options": {"expires": 15},
    },
    "loyalty: close the day": {
        "task": "loyalty.tasks.close_day",
        "schedule": crontab(hour="0", minute="10"),
    },
}
