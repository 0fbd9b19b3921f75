from segments.models.disclosures import Disclosure
from segments.models.handpicks import Handpick, HandpickQuerySet, stays_out
from segments.models.keeping import Due, Round, Sweep
from segments.models.profiles import Profile, PurposePlace
from segments.models.segments import Membership, MembershipQuerySet, Segment, SegmentQuerySet

__all__ = [
    "Disclosure",
    "Due",
    "Handpick",
    "HandpickQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Profile",
    "PurposePlace",
    "Round",
    "Segment",
    "SegmentQuerySet",
    "Sweep",
    "stays_out",
]
