"""A receipt of one choice, by the names of ISO/IEC TS 27560:2023 (consent record information).

Its structure: a header, the processing that the choice is about, and the event. It knows no word
for a refusal; ours are ``consent_`` and the act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SCHEMA = "ISO/IEC TS 27560:2023"


@dataclass(frozen=True)
class TextShown:
    """The words that a choice rests on."""

    notice: str
    version: int
    language: str
    body: str
    sha256: str
    recipients: str
    retention: str


@dataclass(frozen=True)
class Receipt:
    """All that a receipt says; ``record`` and ``principal`` are hashes that name nobody."""

    record: str
    principal: str
    controller: str
    contact: str
    purpose: str
    explanation: str
    basis: str
    channel: str
    category: str
    collected_at: str
    act: str
    chosen_at: datetime
    recorded_at: datetime
    valid_until: datetime | None
    language: str
    text: TextShown | None

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA,
            "record_id": self.record,
            "pii_principal_id": self.principal,
            "language": self.language,
            "privacy_notice": self._notice(),
            "pii_controllers": [{"name": self.controller, "contact": self.contact}],
            "pii_processing": [self._processing()],
            "event": {
                "event_type": f"consent_{self.act}",
                "event_time": self.chosen_at.isoformat(),
                "recorded_time": self.recorded_at.isoformat(),
                "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            },
        }

    def _notice(self) -> Mapping[str, Any] | None:
        if self.text is None:
            return None
        return {
            "id": self.text.notice,
            "version": self.text.version,
            "language": self.text.language,
            "text": self.text.body,
            "sha256": self.text.sha256,
        }

    def _processing(self) -> Mapping[str, Any]:
        return {
            "purpose": self.purpose,
            "purpose_description": self.explanation,
            "lawful_basis": self.basis,
            "pii_information": [self.category] if self.category else [],
            "processing_method": self.channel or None,
            "collection_method": self.collected_at,
            "recipients": self.text.recipients if self.text else None,
            "retention_period": self.text.retention if self.text else None,
        }
