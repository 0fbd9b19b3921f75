"""The list of imports, and the page of each: how far it has come, and what can be done next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from common.errors import DomainError
from common.staff import signed_in
from common.templatetags.clientela import whole
from customers.admin.imports.columns import ColumnsPage
from customers.admin.imports.files import LANGUAGES, ImportFiles
from customers.admin.imports.pages import may_bring, ring_for_work
from customers.enums import ImportState
from customers.exports import IMPORTS
from customers.forms import UploadForm
from customers.models import ImportJob
from customers.operations.imports import (
    BadFile,
    NotNow,
    cancel,
    file_kinds,
    foresee,
    kinds_for,
    pause,
    resume,
    start,
    touches,
    undo,
    undoable_until,
    upload,
)
from customers.queries.imports import progress
from customers.rules.files import LEFT

RUNNING = (
    ImportState.CHECKING,
    ImportState.QUEUED,
    ImportState.MERGING,
    ImportState.UNDOING,
)
TO_MAP = (ImportState.UPLOADED, ImportState.REFUSED)
SHOWN_REJECTS = 20

STAGE_TEMPLATES = {
    **dict.fromkeys(TO_MAP, "customers/imports/columns.html"),
    **dict.fromkeys(RUNNING, "customers/imports/running.html"),
    ImportState.PAUSED: "customers/imports/running.html",
    ImportState.READY: "customers/imports/checked.html",
    ImportState.DONE: "customers/imports/result.html",
    ImportState.CANCELLED: "customers/imports/result.html",
    ImportState.FAILED: "customers/imports/result.html",
    ImportState.UNDONE: "customers/imports/result.html",
}


def counted(name: str) -> Callable[[ImportJob], str]:
    """Return the column of a count, written with the reader's thousands separators."""

    @display(description=label_for_field(name, ImportJob), ordering=name)
    def show(job: ImportJob) -> str:
        return whole(getattr(job, name))

    show.__name__ = name
    return show


@admin.register(ImportJob)
class ImportJobAdmin(ColumnsPage, ImportFiles):
    nothing_yet = _(
        "Bring customers, products, orders and more from CSV files. You see what a file would "
        "change before it does."
    )
    export_table = IMPORTS
    list_display = (
        "file_name", "show_kind", "show_state", counted("row_count"), counted("created_count"),
        counted("updated_count"), counted("rejected_count"), "show_by", "created_at",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", RangeDateFilter))
    list_select_related = ("created_by", "api_key")
    ordering = ("-pk",)

    @display(description=_("by"))
    def show_by(self, job: ImportJob) -> str:
        return str(job.created_by or job.api_key or "")

    @display(description=_("kind of file"), ordering="kind")
    def show_kind(self, job: ImportJob) -> str:
        return str(file_kinds()[job.kind].label)

    @display(
        description=_("state"),
        label={
            "done": "success",
            "refused": "danger",
            "failed": "danger",
            "merging": "info",
            "ready": "warning",
        },
    )
    def show_state(self, job: ImportJob) -> tuple[str, str]:
        return job.state, job.get_state_display()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What came in says by which import; that answer is kept.
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(kinds_for(signed_in(request)))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/progress/",
                view(self.progress_fragment),
                name="customers_importjob_progress",
            ),
            path(
                "<int:pk>/rejected.csv",
                view(self.rejected_file),
                name="customers_importjob_rejected",
            ),
            path(
                "example/<slug:kind>/<str:language>.csv",
                view(self.example_file),
                name="customers_importjob_example",
            ),
            path("<int:pk>/undo/", view(self.undo_page), name="customers_importjob_undo"),
            path("<int:pk>/left.csv", view(self.left_file), name="customers_importjob_left"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kinds = kinds_for(signed_in(request))
        asked = {name: request.GET.get(name, "") for name in ("kind", "into")}
        form = UploadForm(request.POST or None, request.FILES or None, kinds=kinds, initial=asked)
        if form.is_valid():
            try:
                return self._to_page(upload(**form.cleaned_data, by=signed_in(request), at=now()))
            except BadFile as error:
                form.add_error("file", error.message)
        context = {
            "title": _("Bring in a file"),
            "form": form,
            "into": form["into"].value(),
            "kinds": kinds.values(),
            # In its own words: whoever cannot read this page finds theirs.
            "languages": [(code, get_language_info(code)["name_local"]) for code in LANGUAGES],
        }
        return self._page(request, "customers/imports/upload.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show how far an import has come and what can be done next; a POST does it."""
        job = self._readable(request, object_id)
        if request.method == "POST":
            return self._act(request, job)
        is_to_map = job.state in TO_MAP or (
            job.state == ImportState.READY and "columns" in request.GET
        )
        if is_to_map and may_bring(request, job.kind):
            return self._columns_page(request, job)
        context = {
            "progress": progress(job, at=now()),
            "undoable_until": undoable_until(job),
            "touched": [
                touches()[code].said(facts)
                for code, facts in job.preview.get("touched", ())
                if code in touches()
            ],
            "left": sum(job.undone.get(reason, 0) for reason in LEFT),
            "rejected": job.rejected_rows.order_by("line", "pk")[:SHOWN_REJECTS],
        }
        template = STAGE_TEMPLATES[ImportState(job.state)]
        if is_to_map:
            template = "customers/imports/result.html"
        return self._page(request, template, {**self._about(request, job), **context})

    def _act(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        if not may_bring(request, job.kind):
            raise PermissionDenied
        acts: dict[str, Callable[[], HttpResponse]] = {
            "read": lambda: self._read_again(request, job),
            "check": lambda: self._check(request, job),
            "use": lambda: self._use(request, job),
            "start": lambda: self._then_ring(job, start, at=now()),
            "pause": lambda: self._then_ring(job, pause),
            "resume": lambda: self._then_ring(job, resume),
            "cancel": lambda: self._then_ring(job, cancel, at=now()),
            "undo": lambda: self._undo(request, job),
        }
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            return HttpResponse(status=400)
        try:
            return act()
        except DomainError as error:
            messages.error(request, error.message)
            return self._to_page(job)

    def _then_ring(
        self, job: ImportJob, operation: Callable[..., ImportJob], **facts: datetime
    ) -> HttpResponse:
        operation(job, **facts)
        ring_for_work()
        return self._to_page(job)

    def _undo(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        undo(job, by=signed_in(request), at=now())
        ring_for_work()
        return self._to_page(job)

    def progress_fragment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the piece of the page that asks for itself every second."""
        job = self._readable(request, pk)
        context = {"job": job, "progress": progress(job, at=now())}
        response = TemplateResponse(request, "customers/imports/progress.html", context)
        if job.state not in RUNNING:
            response.headers["HX-Refresh"] = "true"
        return response

    def undo_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what an undo would do; the import's own page does it."""
        job = self._brought(request, pk)
        context = self._about(request, job)
        try:
            context["foreseen"] = foresee(job, at=now())
        except NotNow as refusal:
            context["refusal"] = refusal.message
        return self._page(request, "customers/imports/undo.html", context)
