"""Category paths, from wide to narrow: ``Grocery > Dairy > Milk``."""

SEPARATOR = " > "


def upwards(path: str) -> list[str]:
    """Return the path and everything above it, the widest first."""
    steps = path.split(SEPARATOR)
    return [SEPARATOR.join(steps[: depth + 1]) for depth in range(len(steps))]
