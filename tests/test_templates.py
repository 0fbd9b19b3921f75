from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.template.base import TextNode
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
def test_template_can_be_read_and_shows_no_markup_of_its_own(name):
    template: Any = get_template(name)

    shown = "".join(node.s for node in template.template.nodelist.get_nodes_by_type(TextNode))

    # A comment of more than one line is no comment to Django, but text.
    assert not {mark for mark in ("{#", "#}", "{%", "%}") if mark in shown}
