from segments.models.disclosures import Disclosure
from segments.models.handpicks import Handpick, HandpickQuerySet, stays_out
from segments.models.profiles import Profile, PurposePlace
from segments.models.segments import Membership, MembershipQuerySet, Segment, SegmentQuerySet

__all__ = [
    "Disclosure",
    "Handpick",
    "HandpickQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Profile",
    "PurposePlace",
    "Segment",
    "SegmentQuerySet",
    "stays_out",
]
