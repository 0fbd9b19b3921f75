from common.errors import DomainError


class BadRule(DomainError):
    """The JSON is no rule; ``pointer`` (RFC 6901) says where, from the rule's own root."""

    code = "bad_rule"
    status = 422

    def __init__(self, message: str, *, pointer: str) -> None:
        field = f"rule{pointer}".replace("/", ".")
        super().__init__(message, field=field, details={"pointer": pointer})
        self.pointer = pointer


def step(pointer: str, key: str) -> str:
    """Return the place one step further in (RFC 6901)."""
    return f"{pointer}/{legible(key).replace('~', '~0').replace('/', '~1')}"


def legible(key: str) -> str:
    """Return what can be sent back: JSON can write half a character, UTF-8 cannot."""
    return key.encode(errors="replace").decode()
