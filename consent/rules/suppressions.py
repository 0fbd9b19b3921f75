"""What may lift a block: it depends on why the address is blocked."""

from consent.enums import SuppressionReason

# The person came back: opted in anew, and confirmed it at this very address. They had asked us to
# stop, or an address that did not exist answers.
LIFTED_BY_THE_PERSON = frozenset({SuppressionReason.STOP, SuppressionReason.HARD_BOUNCE})
# Staff with a reason. A number leaves the register, and what staff entered staff take back.
LIFTED_BY_STAFF = frozenset({SuppressionReason.DO_NOT_CALL, SuppressionReason.MANUAL})
# Administrators with a reason. Mailbox providers count complaints against the whole shop; and who
# was erased, and wants to come back, writes to the shop.
LIFTED_BY_ADMINISTRATORS = frozenset({SuppressionReason.COMPLAINT, SuppressionReason.ERASED})

# What staff may say; the rest is found out by sending, or follows an erasure.
TOLD_BY_STAFF = (
    SuppressionReason.MANUAL,
    SuppressionReason.STOP,
    SuppressionReason.COMPLAINT,
    SuppressionReason.DO_NOT_CALL,
)
# A program or a file also hears what mail and phone providers say.
TOLD_BY_PROGRAMS = (*TOLD_BY_STAFF, SuppressionReason.HARD_BOUNCE)
