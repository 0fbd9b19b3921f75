"""What the OpenAPI description says of every address: how it refuses."""

from typing import Any

from msgspec.json import schema_components

from common.discovery import declared
from common.hot import HotView

WRONG: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message", "field"],
    "properties": {
        "code": {"type": "string", "description": "For programs.", "example": "required"},
        "message": {"type": "string", "description": "For people, in their language."},
        "field": {"type": "string", "description": "Such as lines.0.sku, or empty."},
    },
}
REFUSAL = WRONG | {
    "properties": {
        **WRONG["properties"],
        "details": {"type": "object", "description": "Facts of the refusal."},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Wrong"},
            "description": "All that is wrong, when it is more than one thing.",
        },
    },
}
ALWAYS = {
    "401": "The key is missing, wrong, revoked or expired.",
    "403": "The key may not do this.",
    "429": "Too many requests in this minute, or too many wrong codes; see Retry-After.",
}
WHEN_READING = {"404": "There is no such record.", "422": "A filter is wrong."}
WHEN_WRITING = {
    "400": "This is not JSON.",
    "404": "There is no such record.",
    "409": "Refused as things stand.",
    "413": "The request is too large.",
    "415": "Send application/json.",
    "422": "Something in the request is wrong.",
}


def describe_hot_views(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add the operations that REST framework does not know, from their own description."""
    for entry in declared("urls", "api_urlpatterns"):
        view = getattr(entry.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, HotView):
            path = f"{PREFIX}/{entry.pattern}"
            result["paths"][path] = {"post": _operation(view, result["components"]["schemas"])}
    return result


PREFIX = "/api/v1"


def _operation(view: type[HotView], schemas: dict[str, Any]) -> dict[str, Any]:
    told = view.description
    shapes = [told["request"], *(shape for shape, _ in told["responses"].values())]
    references, named = schema_components(shapes, ref_template="#/components/schemas/{name}")
    schemas |= named
    asked, *answers = ({"application/json": {"schema": schema}} for schema in references)
    statuses = zip(told["responses"].items(), answers, strict=True)
    return {
        "operationId": told["operationId"],
        "summary": told["summary"],
        "description": told["description"],
        "tags": ["events"],
        "security": [{"apiKey": []}],
        "requestBody": {"content": asked, "required": True},
        "responses": {
            str(status): {"description": text, "content": content}
            for (status, (_, text)), content in statuses
        },
    }


def describe_refusals(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add the one shape of refusals to every operation."""
    result["components"]["schemas"] |= {"Wrong": WRONG, "Refusal": REFUSAL}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            statuses = ALWAYS | (WHEN_READING if method == "get" else WHEN_WRITING)
            for status, description in statuses.items():
                answer = {"description": description, "content": content}
                operation["responses"].setdefault(status, answer)
    return result
