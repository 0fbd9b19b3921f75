from common.admin import audit, exports, keys, people, schedules  # noqa: F401 -- each registers its pages
from common.admin.base import ModelAdmin, PeopleList, ReadOnlyAdmin

__all__ = ["ModelAdmin", "PeopleList", "ReadOnlyAdmin"]
