"""What all pages behind a link in a message have in common."""

from django.http import HttpResponse


def unseen(response: HttpResponse) -> HttpResponse:
    """Keep the address, which stands for a person, out of other sites' logs and of searches."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
