from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template.loader import get_template

FOLDERS = [
    settings.BASE_DIR / "templates",
    *(
        Path(app.path) / "templates"
        for app in apps.get_app_configs()
        if Path(app.path).parent == settings.BASE_DIR
    ),
]
NAMES = sorted(
    str(file.relative_to(folder))
    for folder in FOLDERS
    for file in folder.rglob("*")
    if file.is_file()
)


@pytest.mark.parametrize("name", NAMES)
def test_template_can_be_read(name):
    get_template(name)
