from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Cause(models.TextChoices):
    """What made somebody a member."""

    RULE = "rule", _("The rule")
    MANUAL = "manual", _("Added by hand")
    FILE = "file", _("A file")
    SNAPSHOT = "snapshot", _("Another segment")


# These chose somebody by what we know of them: they count while that may be used.
BY_DATA = (Cause.RULE, Cause.SNAPSHOT)


class Handpicked(models.TextChoices):
    """What somebody decided about a customer in a segment, whatever its rule says."""

    ADDED = "added", _("Added by hand")
    REMOVED = "removed", _("Removed by hand")


class Combination(models.TextChoices):
    """How the parts of a group count together."""

    ALL = "all", _("All of these")
    ANY = "any", _("Any of these")
    NONE = "none", _("None of these")


class TraitType(models.TextChoices):
    """What a trait's values are, which decides its operators."""

    TEXT = "text", _("Text")
    CHOICE = "choice", _("Choice")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    AGE = "age", _("Age")
    MOMENT = "moment", _("Date")
    DAY = "day", _("Day")
    BIRTHDAY = "birthday", _("Birthday")
    YES_NO = "yes_no", _("Yes or no")
    LIST = "list", _("List")
    TIMES = "times", _("How often")
    SEGMENT = "segment", _("Segment")
    SHARE = "share", _("Share of people")
    PLACE = "place", _("Place")


class Operator(models.TextChoices):
    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    ONE_OF = "one_of", _("is one of")
    NONE_OF = "none_of", _("is none of")
    CONTAINS = "contains", _("contains")
    NOT_CONTAINS = "not_contains", _("does not contain")
    STARTS_WITH = "starts_with", _("starts with")
    ENDS_WITH = "ends_with", _("ends with")
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")
    EXACTLY = "exactly", _("exactly")
    BETWEEN = "between", _("between")
    IN_LAST = "in_last", _("in the last")
    LONGER_AGO = "longer_ago", _("longer ago than")
    DAYS_AGO = "days_ago", _("exactly so long ago:")
    BEFORE = "before", _("before")
    SINCE = "since", _("on or after")
    IN_NEXT = "in_next", _("in the next")
    IN_DAYS = "in_days", _("in exactly")
    ANNIVERSARY = "anniversary", _("has its anniversary in the next")
    THIS_MONTH = "this_month", _("this month")
    IN_MONTH = "in_month", _("in the month")
    ON_DAY = "on_day", _("on the day")
    YES = "yes", _("yes")
    NO = "no", _("no")
    ANY_OF = "any_of", _("any of")
    ALL_OF = "all_of", _("all of")
    WITHOUT = "without", _("none of")
    DID = "did", _("at least once")
    DID_NOT = "did_not", _("not once")
    KNOWN = "known", _("is known")
    NOT_KNOWN = "not_known", _("is not known")
    INSIDE = "inside", _("is in")
    OUTSIDE = "outside", _("is not in")
    NEAR = "near", _("at most")
    FAR = "far", _("more than")


class Answer(models.TextChoices):
    """What a condition comes to for one customer."""

    TRUE = "true", _("yes")
    FALSE = "false", _("no")
    UNKNOWN = "unknown", _("not known")
    REFUSED = "refused", _("may not be looked at")


class Shape(models.TextChoices):
    """What an operator is compared with."""

    NOTHING = "nothing", _("Nothing")
    ONE = "one", _("One value")
    PAIR = "pair", _("From and to")
    SEVERAL = "several", _("Several values")
    PERIOD = "period", _("Days or months")
    DAYS = "days", _("Days")
    MONTH = "month", _("Month")
    DAY_OF_YEAR = "day_of_year", _("Day and month")
    AROUND = "around", _("A city and kilometres")


class Measure(models.TextChoices):
    """What is made of a detail of many rows."""

    SUM = "sum", _("sum")
    AVERAGE = "average", _("average")
    SMALLEST = "smallest", _("smallest")
    LARGEST = "largest", _("largest")
    FIRST = "first", _("first")
    LAST = "last", _("last")


class SegmentTab(models.TextChoices):
    """The parts of a segment's page."""

    MEMBERS = "members", pgettext_lazy("of a segment", "Members")
    OVER_TIME = "over_time", _("Over time")
    MAKE_UP = "make_up", _("Make-up")
    OVERLAP = "overlap", _("Overlap")
    USES = "uses", _("Where it is used")


class Span(models.TextChoices):
    """How far back a segment's page looks at who came and went."""

    MONTH = "30", _("30 days")
    QUARTER = "90", _("90 days")
    YEAR = "365", _("A year")


class Step(models.TextChoices):
    """The periods by which orders of members are added up."""

    WEEK = "week", _("By week")
    MONTH = "month", _("By month")


class AdPlatform(models.TextChoices):
    """Who takes lists of hashed addresses, each with a form of its own."""

    GOOGLE = "google", "Google Ads"
    META = "meta", _("Meta (Facebook, Instagram)")


class Identifier(models.TextChoices):
    """By what an advertising platform knows people again."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")


class Flaw(models.TextChoices):
    """What is odd about a rule that may be asked all the same."""

    NEVER = "never", _("Nobody can fit")
    NOBODY = "nobody", _("Nobody fits now")
    ALWAYS = "always", _("Always true")
    EVERYBODY = "everybody", _("Everybody fits")
    NEEDLESS = "needless", _("Changes nothing")
    TWIN = "twin", _("Same as another segment")
    SENSITIVE = "sensitive", _("Uses sensitive data")


class SweepReason(models.TextChoices):
    """Why everybody is looked at once more."""

    MANY = "many", _("Many changed at once")
    RULES = "rules", _("What rules rest on changed")
    PROOF = "proof", _("The proof of the night")


class AuditAction(models.TextChoices):
    """What people and programs do or see here, as the audit writes it down."""

    CREATED = "segments.created", _("Segment made")
    CHANGED = "segments.changed", _("Segment changed")
    REFRESH_ASKED = "segments.refresh_asked", _("Refresh of a segment asked for")
    ARCHIVED = "segments.archived", _("Segment archived")
    BROUGHT_BACK = "segments.brought_back", _("Segment taken out of the archive")
    DELETED = "segments.deleted", _("Segment deleted")
    KEPT_AS_LIST = "segments.kept_as_list", _("Members of a segment kept as a list")
    ADDED_BY_HAND = "segments.added_by_hand", _("Customer added to a segment by hand")
    REMOVED_BY_HAND = "segments.removed_by_hand", _("Customer removed from a segment by hand")
    HANDPICK_TAKEN_BACK = (
        "segments.handpick_taken_back",
        _("Decision about a customer in a segment taken back"),
    )
    MEMBERS_SEEN = "segments.members_seen", _("Members of a segment seen")
    EXPLAINED = "segments.explained", _("Explained why somebody is in a segment")
    STANDING_SEEN = "segments.standing_seen", _("Customers looked up in a segment")
    SAMPLE_SEEN = "segments.sample_seen", _("Sample of a rule seen")
