"""What the OpenAPI description says of every address: how it refuses."""

from typing import Any

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
    "429": "Too many requests in this minute; see Retry-After.",
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
