from segments.models.profiles import Profile, PurposePlace
from segments.models.segments import Membership, MembershipQuerySet, Segment, SegmentQuerySet

__all__ = [
    "Membership",
    "MembershipQuerySet",
    "Profile",
    "PurposePlace",
    "Segment",
    "SegmentQuerySet",
]
