from common.admin import (  # noqa: F401 -- each registers its pages
    audit,
    exports,
    keys,
    lockouts,
    people,
    schedules,
)
from common.admin.base import ModelAdmin, PeopleList, ReadOnlyAdmin

__all__ = ["ModelAdmin", "PeopleList", "ReadOnlyAdmin"]
