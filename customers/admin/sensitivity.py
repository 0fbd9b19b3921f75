"""Goods that say what many keep to themselves: the lexicon, and what staff say over it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.admin.base import ModelAdmin
from common.bell import ring
from common.errors import DomainError
from common.staff import signed_in
from customers.forms.sensitivity import SensitiveTopicForm
from customers.models import SensitiveDecision, SensitiveTopic
from customers.operations.sensitivity import change_topic, decide, leave_to_lexicon
from customers.queries.sensitivity import (
    decisions,
    product_categories,
    sensitive_count,
    topics,
    touched_by_topic,
)
from customers.tasks import mark_sensitive_goods

# The rest of a topic's categories is told as a number.
MOST_CATEGORIES = 50


@admin.register(SensitiveTopic)
class SensitiveTopicAdmin(ModelAdmin):
    operation_tells = True
    form = SensitiveTopicForm
    fields = ("words_pt_br", "words_en", "is_active")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Out of use it marks nothing; its words stay.
        return False

    def save_model(
        self, request: HttpRequest, obj: SensitiveTopic, form: Any, change: bool
    ) -> None:
        told = form.cleaned_data
        change_topic(
            SensitiveTopic.objects.get(pk=obj.pk),
            words_pt_br=told["words_pt_br"],
            words_en=told["words_en"],
            is_active=told["is_active"],
            by=signed_in(request),
            at=now(),
        )
        ring(mark_sensitive_goods)
        messages.info(request, _("All products are compared with the words now."))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the topics with the categories that they touch, and take what staff decide."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._decided(request)
        touched = touched_by_topic()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sensitive goods"),
            "topics": [
                {
                    "topic": topic,
                    "touched": found[:MOST_CATEGORIES],
                    "more": found[MOST_CATEGORIES:],
                }
                for topic in topics()
                for found in [touched.get(topic.code, [])]
            ],
            "decisions": decisions(),
            "sensitive": sensitive_count(),
            "paths": product_categories(),
            "may_change": self.has_change_permission(request),
        }
        return TemplateResponse(request, "customers/sensitive.html", context)

    def _decided(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        by, at = signed_in(request), now()
        try:
            if taken_back := request.POST.get("decision", ""):
                decision = get_object_or_404(SensitiveDecision, path=taken_back)
                leave_to_lexicon(decision, by=by, at=at)
            else:
                path = request.POST.get("path", "").strip()
                decide(path, sensitive="sensitive" in request.POST, by=by, at=at)
            messages.success(request, _("Done. It counts from now on."))
        except DomainError as refused:
            messages.error(request, refused.message)
        return redirect("admin:customers_sensitivetopic_changelist")
