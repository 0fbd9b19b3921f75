"""What upper apps declare for a lower one, found by file name as Django finds ``admin.py``."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings


@cache
def declared(file: str, name: str) -> tuple[Any, ...]:
    """Return everything listed under ``name`` in each of our apps' ``file``, lowest app first.

    ``declared("kinds", "KINDS")`` joins ``customers.kinds.KINDS``, ``consent.kinds.KINDS`` …
    An app without the file declares nothing.
    """
    found: list[Any] = []
    for config in reversed(list(apps.get_app_configs())):
        module = f"{config.name}.{file}"
        if config.path.startswith(str(settings.BASE_DIR)) and find_spec(module):
            found.extend(getattr(import_module(module), name, ()))
    return tuple(found)
