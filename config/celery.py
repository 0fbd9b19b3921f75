"""The bell: tasks look for rows in a state; losing a message costs seconds, not data."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("clientela")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def every(seconds: int, task: str) -> dict[str, Any]:
    # A round that nobody took before the next is due is not worth taking twice.
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


def nightly(hour: int, minute: int, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": crontab(hour=str(hour), minute=str(minute))}


# Times are the shop's. What the bell wakes is looked at every few seconds all the same.
app.conf.beat_schedule = {
    "imports: work on files": every(10, "customers.tasks.work_on_files"),
    "webhooks: queue what happened": every(15, "customers.tasks.queue_webhooks"),
    "webhooks: send": every(10, "customers.tasks.send_webhooks"),
    "imports: forget what was in the files": every(3600, "customers.tasks.forget_files"),
    "customers: mark sensitive goods": every(60, "customers.tasks.mark_sensitive_goods"),
    "carts: find the abandoned": every(300, "customers.tasks.abandon_carts"),
    "customers: what came late for merged records": every(300, "customers.tasks.follow_merges"),
    "customers: look for duplicates": nightly(2, 40, "customers.tasks.look_for_duplicates"),
    "segments: follow whoever changed": every(15, "segments.tasks.follow_changes"),
    "segments: follow the clock": every(60, "segments.tasks.follow_time"),
    "segments: look at everybody where many changed": every(15, "segments.tasks.sweep"),
    "segments: follow the scores of the night": nightly(3, 10, "segments.tasks.follow_scores"),
    "segments: prove the members": nightly(4, 40, "segments.tasks.prove_segments"),
    "segments: find members that are waited for": every(
        15, "segments.tasks.refresh_waiting_segments"
    ),
    "campaigns: launch what is due": every(10, "campaigns.tasks.launch_due"),
    "campaigns: send": every(10, "campaigns.tasks.send"),
    "campaigns: recover what a dead worker held": every(30, "campaigns.tasks.recover"),
    "campaigns: e-mail apologies": every(60, "campaigns.tasks.email_apologies"),
    "loyalty: follow orders": every(15, "loyalty.tasks.follow_orders"),
    "loyalty: close the day": nightly(0, 10, "loyalty.tasks.close_day"),
    "loyalty: go on closing days": every(60, "loyalty.tasks.go_on_closing_days"),
    "customers: keep less of birth dates": nightly(
        3, 5, "customers.tasks.keep_less_of_birth_dates"
    ),
    "customers: score, and prove the rollups": nightly(1, 10, "customers.tasks.score_customers"),
    "customers: keep who was seen": every(30, "customers.tasks.keep_who_was_seen"),
    "customers: see who could buy more": nightly(1, 30, "customers.tasks.see_who_could_buy_more"),
    "customers: see what people buy": nightly(2, 10, "customers.tasks.see_what_customers_buy"),
    "privacy: end what was kept long enough": nightly(2, 55, "consent.tasks.end_what_is_old"),
    "privacy: go on with it": every(60, "consent.tasks.go_on_ending_what_is_old"),
    "privacy: write down erasures beside the database": every(
        60, "customers.tasks.write_down_erasures"
    ),
    "privacy: remind of requests": nightly(6, 30, "consent.tasks.remind_of_requests"),
    "privacy: send answers to requests": every(60, "consent.tasks.answer_requests"),
    "privacy: make packages of data": every(30, "consent.tasks.make_packages"),
    "privacy: send codes for packages": every(10, "consent.tasks.send_package_codes"),
    "privacy: remove packages of data": every(300, "consent.tasks.remove_packages"),
    "webhooks: forget old deliveries": nightly(3, 40, "customers.tasks.forget_webhook_deliveries"),
    "consent: end what was valid until now": every(60, "consent.tasks.expire_permissions"),
    "consent: end what rests on changed words": every(30, "consent.tasks.suspend_permissions"),
    "consent: prove the permissions": nightly(4, 10, "consent.tasks.prove_permissions"),
    "consent: ask people to confirm": every(10, "consent.tasks.send_opt_ins"),
    "consent: forget sign-ups that nobody confirmed": every(600, "consent.tasks.forget_opt_ins"),
    "consent: mind who is a minor, and who no longer is": nightly(
        0, 20, "consent.tasks.mind_ages"
    ),
    "consent: stop for whom nobody read in time": every(3600, "consent.tasks.settle_unread"),
    "consent: forget how often pages were used": nightly(3, 25, "consent.tasks.forget_tallies"),
    "API: forget old answers": nightly(3, 20, "common.tasks.purge_idempotency_records"),
    "sign-in: forget old tries": nightly(3, 25, "common.tasks.purge_tries"),
}
