from customers.models.attributes import AttributeDefinition, AttributeDefinitionQuerySet
from customers.models.duplicates import DuplicateCandidate
from customers.models.erasures import Erasure, ErasureRequest
from customers.models.identity import Merge, MergedRows
from customers.models.imports import ImportJob, RejectedRow, SavedMapping
from customers.models.keys import PersonKey
from customers.models.kinds import DeclaredField, DeclaredKind
from customers.models.metrics import CustomerMetrics, PeerGroup, ScoreCuts
from customers.models.notes import Note
from customers.models.orders import Cart, Order, OrderLine, Product
from customers.models.profile import Case, Customer, CustomerQuerySet
from customers.models.sensitivity import SensitiveDecision, SensitiveTopic
from customers.models.surveys import SurveyAnswer
from customers.models.timeline import (
    ConsumerFault,
    ConsumerPosition,
    Event,
    EventQuerySet,
    Generation,
)
from customers.models.webhooks import WebhookDelivery, WebhookSubscription

__all__ = [
    "AttributeDefinition",
    "AttributeDefinitionQuerySet",
    "Cart",
    "Case",
    "ConsumerFault",
    "ConsumerPosition",
    "Customer",
    "CustomerMetrics",
    "CustomerQuerySet",
    "DeclaredField",
    "DeclaredKind",
    "DuplicateCandidate",
    "Erasure",
    "ErasureRequest",
    "Event",
    "EventQuerySet",
    "Generation",
    "ImportJob",
    "Merge",
    "MergedRows",
    "Note",
    "Order",
    "OrderLine",
    "PeerGroup",
    "PersonKey",
    "Product",
    "RejectedRow",
    "SavedMapping",
    "ScoreCuts",
    "SensitiveDecision",
    "SensitiveTopic",
    "SurveyAnswer",
    "WebhookDelivery",
    "WebhookSubscription",
]
