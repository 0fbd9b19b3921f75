"""What a rule may ask of the apps below: who somebody is, what they bought, what they allowed."""

from segments.traits import buying, groups, people, permissions, service
from segments.traits.attributes import attribute_traits
from segments.traits.happenings import happenings

TRAITS = [
    *buying.TRAITS,
    *people.TRAITS,
    *service.TRAITS,
    *permissions.TRAITS,
    *groups.TRAITS,
]
TRAITS_IN_TABLES = [attribute_traits, happenings]
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
