"""What this app made of people, for the nightly proof."""

from campaigns.queries.proofs import clicks_without_permission, messages_without_permission
from consent.queries.proofs import UseProof

PROOFS = [
    UseProof("messages", messages_without_permission),
    UseProof("clicks", clicks_without_permission),
]
