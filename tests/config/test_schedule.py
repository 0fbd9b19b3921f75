from config.celery import app


def test_scheduled_tasks_exist():
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled <= app.tasks.keys()


def test_every_task_of_ours_is_scheduled():
    """A bell may be lost: what nothing looks for by itself would wait for ever."""
    app.loader.import_default_modules()
    ours = ("common.", "customers.", "consent.", "segments.", "campaigns.", "loyalty.")

    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert {name for name in app.tasks if name.startswith(ours)} == scheduled
