"""What staff write on a customer's page: notes and tags."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from common.errors import DomainError
from common.staff import signed_in
from customers.models import Customer
from customers.operations.notes import add_note, pin_note, remove_note, tag, untag
from customers.queries.pages import profile_url
from customers.queries.tags import known_tags


def note_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Add, pin or take away a note of the customer."""
    if not request.user.has_perm("customers.add_note"):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    try:
        _act_on_note(request, customer)
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect(f"{profile_url(pk)}#notes")


def _act_on_note(request: HttpRequest, customer: Customer) -> None:
    user, at = signed_in(request), now()
    if request.POST.get("act") == "add":
        text = request.POST.get("text", "").strip()
        reference = request.POST.get("reference") or uuid4().hex
        add_note(customer, text=text, author=user, reference=reference[:64], at=at)
        return
    note = get_object_or_404(customer.notes, pk=_whole(request.POST.get("note")))
    if request.POST.get("act") == "pin":
        pin_note(note, by=user, at=at)
    else:
        remove_note(note, by=user, at=at)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def tag_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tag on the customer, or take one off; asked without either, offer known tags."""
    if not request.user.has_perm("customers.add_note"):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.present(), pk=pk)
    if request.method == "GET":
        known = known_tags(request.GET.get("tag", ""))
        return render(request, "customers/tags.html", {"tags": known})
    act = untag if "untag" in request.POST else tag
    try:
        act(
            customer,
            text=request.POST.get("untag") or request.POST.get("tag", ""),
            by=signed_in(request),
            at=now(),
        )
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect(profile_url(pk))
