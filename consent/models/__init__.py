from consent.models.choices import ALWAYS, ConsentEvent, Permission
from consent.models.inbound import InboundMessage
from consent.models.limits import Tally
from consent.models.notices import Notice, NoticeText, NoticeVersion
from consent.models.opt_ins import PendingOptIn
from consent.models.packages import Package, PackageQuerySet
from consent.models.points import CollectionPoint
from consent.models.proofs import ProofRun, Suspension
from consent.models.purposes import Purpose
from consent.models.restrictions import Restriction
from consent.models.retention import RetentionLine, RetentionRun
from consent.models.settings import PrivacySettings
from consent.models.subject_requests import SubjectRequest, SubjectRequestQuerySet
from consent.models.suppressions import Suppression
from consent.models.wishes import MutedTopic, Wish

__all__ = [
    "ALWAYS",
    "CollectionPoint",
    "ConsentEvent",
    "InboundMessage",
    "MutedTopic",
    "Notice",
    "NoticeText",
    "NoticeVersion",
    "Package",
    "PackageQuerySet",
    "PendingOptIn",
    "Permission",
    "PrivacySettings",
    "ProofRun",
    "Purpose",
    "Restriction",
    "RetentionLine",
    "RetentionRun",
    "SubjectRequest",
    "SubjectRequestQuerySet",
    "Suppression",
    "Suspension",
    "Tally",
    "Wish",
]
