"""Files that leave: an example to begin from, and the rows that did not come in or stayed."""

from collections.abc import Iterator
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate, now
from django.utils.translation import override

from common.enums import Language
from common.operations import audit
from common.staff import signed_in
from customers.admin.imports.pages import ImportPages, may_bring
from customers.operations.imports import file_kinds, left_csv, rejected_csv
from customers.rules.examples import example_csv

LANGUAGES = Language.values

Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)


class ImportFiles(ImportPages):
    def example_file(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Download a file of the kind to begin from, in a language."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if kind not in file_kinds() or language not in LANGUAGES:
            raise Http404
        if not may_bring(request, kind):
            raise PermissionDenied
        with override(language):
            local = language == Language.PORTUGUESE
            text = example_csv(file_kinds()[kind], today=localdate(now()), local=local)
        # The mark tells Excel that it is UTF-8.
        return _attached(HttpResponse(text.encode("utf-8-sig")), f"{kind}-{language}.csv")

    def rejected_file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Download the rows that did not come in, to be mended."""
        job = self._brought(request, pk)
        if job.forgotten_at:
            raise Http404
        audit("customers.rejected_rows_exported", job, at=now(), by=signed_in(request))
        return _download(rejected_csv(job), f"rejected-{job.file_name}")

    def left_file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Download which rows an undo left, and why."""
        job = self._brought(request, pk)
        if job.forgotten_at:
            raise Http404
        audit("customers.left_rows_exported", job, at=now(), by=signed_in(request))
        return _download(left_csv(job), f"left-{job.file_name}")


def _download(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    return _attached(StreamingHttpResponse(lines), name)


def _attached(answer: Answer, name: str) -> Answer:
    header = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = header or ""
    return answer
