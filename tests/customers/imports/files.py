"""Small files and how they are brought in."""

from datetime import UTC, datetime
from pathlib import Path

from django.core.files.base import ContentFile

from customers.models import CustomerMetrics, ImportJob, Order, OrderLine
from customers.operations.imports import check, map_columns, start, upload, work_on
from tests.factories import NOW

SLICE = Path(__file__).parents[2] / "data" / "slice"
# The slice tells of the months before.
SLICE_AT = datetime(2026, 7, 1, tzinfo=UTC)


def checked(
    kind: str, content: str | bytes, *, at=NOW, historic=False, matched_by="", **facts
) -> ImportJob:
    """Return the job of a file that was uploaded and checked, its columns as they are called."""
    data = content if isinstance(content, bytes) else content.encode()
    file = ContentFile(data, name=f"{kind}.csv")
    job = upload(file, kind=kind, at=at, historic=historic, **facts)
    if job.state == "refused":
        return job
    return check(map_columns(job, mapping=job.mapping, matched_by=matched_by), at=at)


def brought_in(kind: str, content: str | bytes, *, at=NOW, **facts) -> ImportJob:
    """Return the finished job of a file."""
    job = checked(kind, content, at=at, **facts)
    assert job.refusal == ""
    job = start(job, at=at)
    while work_on(job, at=at):
        pass
    job.refresh_from_db()
    return job


def counts(job: ImportJob) -> dict[str, int]:
    return {
        "created": job.created_count,
        "updated": job.updated_count,
        "unchanged": job.unchanged_count,
        "rejected": job.rejected_count,
    }


def reasons(job: ImportJob) -> list[tuple[int, str, str, str]]:
    """Return line, column, value and reason of everything that was rejected."""
    found = job.rejected_rows.order_by("line", "pk")
    return list(found.values_list("line", "column", "value", "reason"))


def tables():
    """Return orders, lines and metrics, ids apart."""
    return (
        list(Order.objects.order_by("external_id").values_list("external_id", "total", "store")),
        list(
            OrderLine.objects.order_by("order__external_id", "number").values_list(
                "order__external_id", "number", "product__sku", "quantity", "total", "discount"
            )
        ),
        list(
            CustomerMetrics.objects.order_by("customer__external_id").values_list(
                "customer__external_id", "order_count", "spend", "first_order_at", "last_order_at"
            )
        ),
    )
