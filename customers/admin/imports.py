"""Files come in: brought, mapped, checked, run, and what became of them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate, now
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from common.admin import ModelAdmin
from common.bell import ring
from common.enums import Language
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import whole
from customers.enums import ImportState
from customers.exports import IMPORTS
from customers.forms import ColumnsForm, ReadingForm, UploadForm
from customers.models import ImportJob, SavedMapping
from customers.operations.imports import (
    BadFile,
    NotNow,
    cancel,
    declare_and_map,
    file_kinds,
    foresee,
    inspect,
    kinds_for,
    left_csv,
    pause,
    read_again,
    rejected_csv,
    resume,
    save_mapping,
    saved_mappings,
    start,
    touches,
    undo,
    undoable_until,
    upload,
    use_mapping,
)
from customers.queries.imports import earlier_imports, progress
from customers.rules.examples import example_csv
from customers.rules.files import LEFT
from customers.tasks import work_on_files

RUNNING = (
    ImportState.CHECKING,
    ImportState.QUEUED,
    ImportState.MERGING,
    ImportState.UNDOING,
)
TO_MAP = (ImportState.UPLOADED, ImportState.REFUSED)
SHOWN_REJECTS = 20
LANGUAGES = Language.values

Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)

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


@admin.register(SavedMapping)
class SavedMappingAdmin(ModelAdmin):
    """Mappings with a name: renamed and deleted by whoever brings files in."""

    list_display = ("name", "show_kind", "created_by", "created_at")
    list_select_related = ("created_by",)
    ordering = ("kind", "name")
    fields = ("name",)

    @display(description=_("kind of file"), ordering="kind")
    def show_kind(self, saved: SavedMapping) -> str:
        return str(file_kinds()[saved.kind].label)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("customers.view_importjob")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("customers.add_importjob")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("customers.add_importjob")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # They are saved where a file is mapped.
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(ImportJob)
class ImportJobAdmin(ModelAdmin):
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
        form = UploadForm(request.POST or None, request.FILES or None, kinds=kinds)
        if form.is_valid():
            try:
                return self._to_page(upload(**form.cleaned_data, by=signed_in(request), at=now()))
            except BadFile as error:
                form.add_error("file", error.message)
        context = {
            "title": _("Bring in a file"),
            "form": form,
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
        if is_to_map and _may_bring(request, job.kind):
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
        if not _may_bring(request, job.kind):
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
        _ring()
        return self._to_page(job)

    def _undo(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        undo(job, by=signed_in(request), at=now())
        _ring()
        return self._to_page(job)

    def _read_again(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        form = ReadingForm(request.POST)
        if form.is_valid():
            read_again(job, **form.cleaned_data)
        return self._to_page(job)

    def _check(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        form = self._columns_form(request, job, request.POST)
        if not form.is_valid():
            return self._columns_page(request, job, form=form)
        try:
            declare_and_map(
                job,
                declaring=form.declaring(),
                mapping=form.mapping(),
                matched_by=form.cleaned_data.get("matched_by", ""),
                historic=form.cleaned_data["historic"],
                by=signed_in(request),
                at=now(),
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return self._columns_page(request, job, form=form)
        self._save_as(request, job, form)
        _ring()
        return self._to_page(job)

    def _save_as(self, request: HttpRequest, job: ImportJob, form: ColumnsForm) -> None:
        if name := form.cleaned_data["save_as"]:
            save_mapping(
                job,
                name=name,
                mapping=form.mapping(),
                matched_by=form.cleaned_data.get("matched_by", ""),
                by=signed_in(request),
                at=now(),
            )

    def _use(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        """Map the columns as they were saved."""
        chosen = request.POST.get("saved", "")
        use_mapping(
            job, get_object_or_404(saved_mappings(job), pk=chosen if chosen.isdigit() else 0)
        )
        return redirect(f"{reverse('admin:customers_importjob_change', args=[job.pk])}?columns")

    def _columns_form(
        self, request: HttpRequest, job: ImportJob, posted: Any = None
    ) -> ColumnsForm:
        found = inspect(job)
        return ColumnsForm(
            posted,
            header=found.header,
            sample=found.sample,
            kind=file_kinds()[job.kind],
            mapping=job.mapping,
            may_declare=request.user.has_perm("customers.add_attributedefinition"),
            initial={"historic": job.historic, "matched_by": job.matched_by},
        )

    def _columns_page(
        self, request: HttpRequest, job: ImportJob, *, form: ColumnsForm | None = None
    ) -> HttpResponse:
        try:
            form = form or self._columns_form(request, job)
        except BadFile:
            # The refusal on the page says it already; another encoding may mend it.
            form = None
        context = {
            **self._about(request, job),
            "form": form,
            "reading": ReadingForm(initial={"encoding": job.encoding, "delimiter": job.delimiter}),
            "earlier": earlier_imports(job),
            "saved": saved_mappings(job),
        }
        return self._page(request, "customers/imports/columns.html", context)

    def progress_fragment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the piece of the page that asks for itself every second."""
        job = self._readable(request, pk)
        context = {"job": job, "progress": progress(job, at=now())}
        response = TemplateResponse(request, "customers/imports/progress.html", context)
        if job.state not in RUNNING:
            response.headers["HX-Refresh"] = "true"
        return response

    def rejected_file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Download the rows that did not come in, to be mended."""
        job = self._brought(request, pk)
        if job.forgotten_at:
            raise Http404
        audit("customers.rejected_rows_exported", job, at=now(), by=signed_in(request))
        return _download(rejected_csv(job), f"rejected-{job.file_name}")

    def example_file(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Download a file of the kind to begin from, in a language."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if kind not in file_kinds() or language not in LANGUAGES:
            raise Http404
        if not _may_bring(request, kind):
            raise PermissionDenied
        with override(language):
            local = language == Language.PORTUGUESE
            text = example_csv(file_kinds()[kind], today=localdate(now()), local=local)
        # The mark tells Excel that it is UTF-8.
        return _attached(HttpResponse(text.encode("utf-8-sig")), f"{kind}-{language}.csv")

    def undo_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what an undo would do; the import's own page does it."""
        job = self._brought(request, pk)
        context = self._about(request, job)
        try:
            context["foreseen"] = foresee(job, at=now())
        except NotNow as refusal:
            context["refusal"] = refusal.message
        return self._page(request, "customers/imports/undo.html", context)

    def left_file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Download which rows an undo left, and why."""
        job = self._brought(request, pk)
        if job.forgotten_at:
            raise Http404
        audit("customers.left_rows_exported", job, at=now(), by=signed_in(request))
        return _download(left_csv(job), f"left-{job.file_name}")

    def _readable(self, request: HttpRequest, pk: int | str) -> ImportJob:
        job = self.get_object(request, str(pk))
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return job

    def _brought(self, request: HttpRequest, pk: int) -> ImportJob:
        """Return a job for those alone who may bring files of its kind."""
        job = self._readable(request, pk)
        if not _may_bring(request, job.kind):
            raise PermissionDenied
        return job

    def _about(self, request: HttpRequest, job: ImportJob) -> dict[str, Any]:
        return {
            "title": job.file_name,
            "job": job,
            "kind": file_kinds()[job.kind],
            "may_act": _may_bring(request, job.kind),
        }

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**shared, **context})

    def _to_page(self, job: ImportJob) -> HttpResponse:
        return redirect("admin:customers_importjob_change", job.pk)


def _may_bring(request: HttpRequest, kind: str) -> bool:
    return kind in kinds_for(signed_in(request))


def _download(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    return _attached(StreamingHttpResponse(lines), name)


def _attached(answer: Answer, name: str) -> Answer:
    header = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = header or ""
    return answer


def _ring() -> None:
    transaction.on_commit(partial(ring, work_on_files))
