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
