"""The files of the program's own lists."""

from common.exports.tables import Table
from common.models import AuditEntry, Export

AUDIT_ENTRIES = Table(
    AuditEntry,
    ("at", "actor__username", "api_key__name", "action", "subject_type", "subject_id", "fields",
     "reason"),
)  # fmt: skip
EXPORTS = Table(
    Export,
    ("started_at", "actor__username", "api_key__name", "subject_type", "filters", "columns",
     "format", "reason", "row_count", "finished_at"),
    personal=False,
)  # fmt: skip
