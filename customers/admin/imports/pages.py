"""What all pages about one file have in common: who may see it, and what stands around it."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from common.admin import ModelAdmin
from common.bell import ring
from common.staff import signed_in
from customers.models import ImportJob
from customers.operations.imports import file_kinds, kinds_for
from customers.tasks import work_on_files


class ImportPages(ModelAdmin):
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
        if not may_bring(request, job.kind):
            raise PermissionDenied
        return job

    def _about(self, request: HttpRequest, job: ImportJob) -> dict[str, Any]:
        return {
            "title": job.file_name,
            "job": job,
            "kind": file_kinds()[job.kind],
            "may_act": may_bring(request, job.kind),
        }

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**shared, **context})

    def _to_page(self, job: ImportJob) -> HttpResponse:
        return redirect("admin:customers_importjob_change", job.pk)


def may_bring(request: HttpRequest, kind: str) -> bool:
    return kind in kinds_for(signed_in(request))


def ring_for_work() -> None:
    transaction.on_commit(partial(ring, work_on_files))
