"""django-celery-beat's pages in Unfold's clothes: when the scheduler rings which task."""

from typing import Any

from django.contrib import admin
from django_celery_beat.admin import ClockedScheduleAdmin as BeatClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BeatCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatPeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm as BeatPeriodicTaskForm
from django_celery_beat.admin import TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.admin.base import ModelAdmin

SCHEDULES = (ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule)

for model in (PeriodicTask, *SCHEDULES):
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    pass


class PeriodicTaskForm(BeatPeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regtask"].widget = TaskSelect()
        self.fields["task"].widget = UnfoldAdminTextInputWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatPeriodicTaskAdmin, ModelAdmin):
    form = PeriodicTaskForm
    date_hierarchy = None
    # Its own template carries a script in the page, which our content policy refuses.
    change_form_template = None
    list_filter = ("enabled", "one_off")
    # The words for a crontab are left out: they are English, whoever reads them.
    readonly_fields = ("last_run_at",)
    fieldsets = tuple(
        (
            title,
            {**options, "fields": [f for f in options["fields"] if f != "crontab_translation"]},
        )
        for title, options in BeatPeriodicTaskAdmin.fieldsets
    )


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(BeatCrontabScheduleAdmin, ModelAdmin):
    inlines = ()


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(BeatClockedScheduleAdmin, ModelAdmin):
    inlines = ()


@admin.register(IntervalSchedule, SolarSchedule)
class ScheduleAdmin(ModelAdmin):
    pass
