from itertools import count

from segments.models import Segment
from segments.operations.saving import save_segment
from tests.factories import NOW

IN_PORTO = {"all": [{"trait": "customers.city", "operator": "is", "value": "Porto"}]}
_number = count(1)


def make_segment(*, at=NOW, by=None, **facts) -> Segment:
    defaults = {"name": f"Segment {next(_number)}", "rule": IN_PORTO, "purpose_id": "marketing"}
    return save_segment(Segment(**{**defaults, **facts}), by=by, at=at)
