"""What a rule may ask of the apps below: who somebody is, what they bought, what they allowed."""

from customers.models.kinds import PREFIX
from segments.rules import Family
from segments.traits import buying, groups, people, permissions, service
from segments.traits.attributes import attribute_traits
from segments.traits.happenings import declared_happenings, happenings

TRAITS = [
    *buying.TRAITS,
    *people.TRAITS,
    *service.TRAITS,
    *permissions.TRAITS,
    *groups.TRAITS,
]
FAMILIES = [
    Family("attribute.", attribute_traits),
    Family("consent.", permissions.permissions),
    Family("events.", happenings),
    Family(f"events.{PREFIX}", declared_happenings),
]
# Tables of a few rows that say how much is read; when they change, everybody is looked at again.
RESTS_ON = [
    "consent_purpose",
    "consent_privacysettings",
    "segments_purposeplace",
    "customers_attributedefinition",
    "customers_declaredkind",
    "customers_declaredfield",
    "customers_sensitivetopic",
    "customers_sensitivedecision",
]
