"""Both languages are complete, and what is compiled is what is written.

``make messages`` takes up new texts and compiles; what it finds new is translated by hand in
``locale/``, in the words of docs/glossary.md. What Unfold and django-celery-beat say, and have no
Portuguese for, stands in ``locale/others``.
"""

import importlib
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path
from typing import Any

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils.translation.trans_real import translation

from tests.programs import real_program

WRITTEN = [Path(folder, "pt_BR/LC_MESSAGES/django.po") for folder in settings.LOCALE_PATHS]
# Parts of Unfold that we do not install.
UNUSED = (
    *("constance", "guardian", "import_export", "inlines", "location_field", "simple_history"),
    "unfold_crispy",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\{.*?\}\}|\{\w*\}")


def named(path):
    """Return a name for a test's case: ``locale`` or ``others``."""
    return path.parents[2].name


def said_in(folders: Iterable[Path], work: Path) -> polib.POFile:
    """Collect the texts to translate, as ``make messages`` does, in a copy that is thrown away."""
    real_program("xgettext", package="gettext")
    for folder in folders:
        ignored = shutil.ignore_patterns("__pycache__", "locale", "static", *UNUSED)
        shutil.copytree(folder, work / folder.name, ignore=ignored)
    (work / "locale").mkdir()
    with chdir(work):
        call_command("makemessages", locale=["pt_BR"], verbosity=0)
    return polib.pofile(work / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po")


def key(entry: polib.POEntry) -> str:
    """Return the name under which gettext keeps a text."""
    return f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid


def test_the_catalogue_has_what_our_sources_say_and_nothing_else(settings, tmp_path):
    ours = [Path(app.path) for app in apps.get_app_configs()]
    ours = [folder for folder in ours if folder.parent == settings.BASE_DIR]
    settings.LOCALE_PATHS = []

    said = said_in([*ours, settings.BASE_DIR / "templates"], tmp_path)

    assert {key(entry) for entry in polib.pofile(WRITTEN[0])} == {key(entry) for entry in said}


@pytest.mark.parametrize("package", ["unfold", "django_celery_beat"])
def test_what_others_show_in_the_back_office_is_translated(package, settings, tmp_path):
    spoken: Any = translation("pt-br")
    known = spoken._catalog
    settings.LOCALE_PATHS = []

    said = said_in([Path(importlib.import_module(package).__path__[0])], tmp_path)

    unknown = [
        entry.msgid for entry in said if key(entry) not in known and (key(entry), 0) not in known
    ]
    assert unknown == []


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_nothing_is_untranslated_or_guessed(path):
    catalogue = polib.pofile(path)

    left = [entry.msgid for entry in catalogue if entry.fuzzy or not entry.translated()]

    assert left == []
    assert {len(entry.msgstr_plural) for entry in catalogue if entry.msgid_plural} == {2}


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_a_translation_has_the_placeholders_of_its_text(path):
    def placeholders(text):
        return Counter(PLACEHOLDER.findall(text))

    differing = [
        (text, translated)
        for entry in polib.pofile(path)
        for text, translated in (
            (entry.msgid, entry.msgstr_plural.get(0, entry.msgstr)),
            (entry.msgid_plural, entry.msgstr_plural.get(1, "")),
        )
        if placeholders(text) != placeholders(translated)
    ]

    assert differing == []


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_what_is_compiled_is_what_is_written(path):
    def texts(catalogue):
        return {key(entry): entry.msgstr_plural or entry.msgstr for entry in catalogue}

    compiled = polib.mofile(path.with_suffix(".mo"))

    assert texts(compiled) == texts(polib.pofile(path)), "make messages"
