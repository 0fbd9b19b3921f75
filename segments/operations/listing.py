"""Lists: segments without a rule, into which people are put."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from segments.models import Segment
from segments.operations.saving import save_segment
from segments.queries import categories_of_segments, in_every_language


class NothingToKeep(DomainError):
    code = "nothing_to_keep"


@transaction.atomic
def keep_as_list(
    segment: Segment,
    *,
    name: str,
    as_of: datetime | None = None,
    description: str = "",
    by: User | ApiKey | None,
    at: datetime,
) -> Segment:
    """Make a list of the people who are in a segment now, or were at a moment in the past.

    They stay in it whatever becomes of the segment; they are found in chunks, like the members of
    any new segment. Whoever now forbids the use of the data that chose them is neither shown nor
    written to. Raises NameTaken and NothingToKeep.
    """
    as_of = as_of or at
    if as_of > at:
        raise NothingToKeep(_("Choose a moment that is over."), field="as_of")
    if segment.filled_at is None:
        raise NothingToKeep(
            _("The members of “%(name)s” are still being found.") % {"name": segment}
        )
    kept = Segment(
        name=name,
        description=description,
        purpose=segment.purpose,
        rule=None,
        origin=segment,
        origin_as_of=as_of,
        origin_words={"name": segment.name, **in_every_language(segment)},
        data_used=sorted(categories_of_segments([segment.pk])),
    )
    save_segment(kept, by=by, at=at)
    audit("segments.kept_as_list", segment, at=at, by=by)
    return kept
