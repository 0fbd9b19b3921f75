from common.models.access import (
    Authenticator,
    Lockout,
    LockoutQuerySet,
    RecoveryCode,
    RoleSecurity,
)
from common.models.people import User
from common.models.programs import ApiKey, ApiKeyUsage, IdempotencyRecord
from common.models.record import FIELD_LENGTH, AuditEntry, Export

__all__ = [
    "FIELD_LENGTH",
    "ApiKey",
    "ApiKeyUsage",
    "AuditEntry",
    "Authenticator",
    "Export",
    "IdempotencyRecord",
    "Lockout",
    "LockoutQuerySet",
    "RecoveryCode",
    "RoleSecurity",
    "User",
]
