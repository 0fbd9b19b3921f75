from django.db import models
from django.utils.translation import gettext_lazy as _


class Effect(models.TextChoices):
    PERCENT = "percent", _("Percent off")
    AMOUNT = "amount", _("Amount off")


class RedemptionState(models.TextChoices):
    REDEEMED = "redeemed", _("Redeemed")
    ROLLED_BACK = "rolled_back", _("Rolled back")


class Refusal(models.TextChoices):
    """Why a voucher is not taken: the codes that programs see."""

    INVALID_VOUCHER = "invalid_voucher", _("Not a valid voucher")
    MISTYPED_CODE = "mistyped_code", _("Mistyped")
    OTHER_CUSTOMER = "other_customer", _("Belongs to another customer")
    CUSTOMER_NEEDED = "customer_needed", _("Needs a customer")
    VOUCHER_VOIDED = "voucher_voided", _("Voided")
    OFFER_PAUSED = "offer_paused", _("Offer is not active")
    NOT_YET_VALID = "not_yet_valid", _("Not valid yet")
    EXPIRED = "expired", _("Expired")
    VOUCHER_USED_UP = "voucher_used_up", _("Voucher used up")
    CUSTOMER_USED_UP = "customer_used_up", _("Used up by this customer")
    OFFER_USED_UP = "offer_used_up", _("Offer used up")
    MINIMUM_NOT_REACHED = "minimum_not_reached", _("Order too small")
    NO_DISCOUNT = "no_discount", _("Nothing to take off")
    ALREADY_ON_ORDER = "already_on_order", _("Already on this order")


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    LAUNCHING = "launching", _("Choosing the audience")
    SENDING = "sending", _("Sending")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")


class Audience(models.TextChoices):
    MEMBERS = "members", _("Everybody in it at the start")
    ENTRANTS = "entrants", _("Whoever comes in later, once")


class Outcome(models.TextChoices):
    """The verdict on one person at launch: will be sent, or held back, and why."""

    WILL_SEND = "will_send", _("Will be sent")
    CONTROL_GROUP = "control_group", _("Control group")
    NO_ADDRESS = "no_address", _("No e-mail address")
    DUPLICATE_ADDRESS = "duplicate_address", _("Address already in the audience")
    RESTRICTED = "restricted", _("Their data may not be used for now")
    UNDER_AGE = "under_age", _("Under age")
    SUPPRESSED = "suppressed", _("Address is blocked")
    PAUSED = "paused", _("Asked for a pause")
    PERMISSION_ENDED = "permission_ended", _("Permission has ended")
    NO_PERMISSION = "no_permission", _("Never gave permission")
    CHANNEL_REFUSED = "channel_refused", _("Refused the channel")
    DATA_NOT_ASKED = "data_not_asked", _("Never allowed the use of the data")
    DATA_REFUSED = "data_refused", _("Refused the use of the data")
    MUTED_TOPIC = "muted_topic", _("Does not want this topic")
    WANTS_LESS = "wants_less", _("Wants fewer messages")


class MessageState(models.TextChoices):
    HELD = "held", _("Held back")
    READY = "ready", _("Ready")
    LEASED = "leased", _("Taken by a worker")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
    UNCERTAIN = "uncertain", _("Uncertain")


class SkipReason(models.TextChoices):
    """Why a message that was meant to be sent was not: what changed since the launch."""

    MISSING_DATA = "missing_data", _("Data missing for this message")
    NO_ADDRESS = "no_address", _("No e-mail address")
    RESTRICTED = "restricted", _("Their data may not be used for now")
    UNDER_AGE = "under_age", _("Under age")
    SUPPRESSED = "suppressed", _("Address is blocked")
    PAUSED = "paused", _("Asked for a pause")
    PERMISSION_ENDED = "permission_ended", _("Permission has ended")
    NO_PERMISSION = "no_permission", _("Never gave permission")
    CHANNEL_REFUSED = "channel_refused", _("Refused the channel")
    DATA_NOT_ASKED = "data_not_asked", _("Never allowed the use of the data")
    DATA_REFUSED = "data_refused", _("Refused the use of the data")
    MUTED_TOPIC = "muted_topic", _("Does not want this topic")
    WANTS_LESS = "wants_less", _("Wants fewer messages")


class FeedbackKind(models.TextChoices):
    """What a mail service tells of a message after it took it."""

    DEAD_ADDRESS = "dead_address", _("Address does not exist")
    NOT_DELIVERED = "not_delivered", _("Could not be delivered")
    UNWANTED = "unwanted", _("Refused as unwanted mail")
    COMPLAINED = "complained", _("Complained of as spam")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed with the mail service")


BOUNCES = (FeedbackKind.DEAD_ADDRESS, FeedbackKind.NOT_DELIVERED, FeedbackKind.UNWANTED)


class Finding(models.TextChoices):
    """What a campaign's result says."""

    NO_CONTROL_GROUP = "no_control_group", _("No control group")
    SPLIT_BROKEN = "split_broken", _("The control group is not what it should be")
    TOO_EARLY = "too_early", _("Too early to say")
    NOT_PROVEN = "not_proven", _("Not proven")
    PAID = "paid", _("Customers bought more")
    HARMED = "harmed", _("Customers bought less")


class ApologyState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    ISSUED = "issued", _("Issued")
    DECLINED = "declined", _("Declined")


class ApologyReason(models.TextChoices):
    LATE = "late", _("Delivered late")
    DAMAGED = "damaged", _("Damaged or spoiled")
    WRONG_ITEM = "wrong_item", _("Wrong item")
    CHARGED_WRONG = "charged_wrong", _("Charged wrongly")
    BAD_SERVICE = "bad_service", _("Bad service")
    OTHER = "other", _("Other")


class EmailProblem(models.TextChoices):
    """Why an apology was not e-mailed: the agent tells the customer in another way."""

    NO_ADDRESS = "no_address", _("No e-mail address")
    RESTRICTED = "restricted", _("Their data may not be used for now")
    UNDER_AGE = "under_age", _("Under age")
    SUPPRESSED = "suppressed", _("Address is blocked")
    PAUSED = "paused", _("Asked for a pause")
    PERMISSION_ENDED = "permission_ended", _("Permission has ended")
    NO_PERMISSION = "no_permission", _("Never gave permission")
    CHANNEL_REFUSED = "channel_refused", _("Refused e-mail")
    DATA_NOT_ASKED = "data_not_asked", _("Never allowed the use of the data")
    DATA_REFUSED = "data_refused", _("Refused the use of the data")
    NOT_ACCEPTED = "not_accepted", _("The mail server did not accept it")


class AuditAction(models.TextChoices):
    """What people and programs do or see here, as the audit writes it down."""

    CAMPAIGN_CREATED = "campaigns.created", _("Campaign made")
    CAMPAIGN_CHANGED = "campaigns.changed", _("Campaign changed")
    SCHEDULED = "campaigns.scheduled", _("Campaign scheduled")
    UNSCHEDULED = "campaigns.unscheduled", _("Campaign made a draft again")
    STOPPED = "campaigns.stopped", _("Campaign stopped")
    CONTINUED = "campaigns.continued", _("Campaign continued")
    SENT_AGAIN = "campaigns.sent_again", _("Message sent again")
    SEEN_AS_CUSTOMER = "messages.seen_as_customer", _("Looked at why a customer got a message")
    TEMPLATE_ADDED = "templates.added", _("Template made")
    TEMPLATE_CHANGED = "templates.changed", _("Template changed")
    TEMPLATE_PREVIEWED = "templates.previewed", _("Message previewed for a customer")
    APOLOGY_REQUESTED = "apology.requested", _("Apology voucher asked for")
    APOLOGY_APPROVED = "apology.approved", _("Apology voucher approved")
    APOLOGY_DECLINED = "apology.declined", _("Apology voucher declined")
    CODE_SHOWN = "voucher.code_shown", _("Voucher code shown")
    VOIDED = "voucher.voided", _("Voucher voided")
    REDEEMED = "voucher.redeemed", _("Voucher redeemed")
    ROLLED_BACK = "redemption.rolled_back", _("Redemption rolled back")
