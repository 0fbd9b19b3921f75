"""Which column of a file is what, and the check that follows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import now

from common.errors import DomainError
from common.staff import signed_in
from customers.admin.imports.pages import ImportPages, ring_for_work
from customers.forms import ColumnsForm, ReadingForm
from customers.models import ImportJob
from customers.operations.imports import (
    BadFile,
    declare_and_map,
    file_kinds,
    inspect,
    read_again,
    save_mapping,
    saved_mappings,
    use_mapping,
)
from customers.queries.imports import earlier_imports


class ColumnsPage(ImportPages):
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
        ring_for_work()
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
