"""How public pages look like the shop: its logo and its colour, readable on light and on dark.

Contrast as WCAG 2.2 defines it (success criterion 1.4.3: at least 4.5 to 1 for text).
"""

import re

# Of public.css: paper in light, paper in dark.
PAPER, DARK_PAPER = "#ffffff", "#1c1917"
# What may stand on the shop's colour.
INKS = ("#ffffff", "#1c1917")
ENOUGH = 4.5

LOGO_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


def is_colour(text: str) -> bool:
    return re.fullmatch("#[0-9a-fA-F]{6}", text) is not None


def contrast(colour: str, other: str) -> float:
    """Return how far two colours (#rrggbb) are apart, from 1 to 21."""
    lighter, darker = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def ink_on(colour: str) -> str:
    """Return what can be read best on a colour."""
    return max(INKS, key=lambda ink: contrast(ink, colour))


def stylesheet(*, colour: str, dark_colour: str) -> str:
    """Return the shop's colours for public.css, on light and on dark."""
    return (
        f":root {{ --accent: {colour}; --on-accent: {ink_on(colour)}; }}\n"
        "@media (prefers-color-scheme: dark) { :root "
        f"{{ --accent: {dark_colour}; --on-accent: {ink_on(dark_colour)}; }} }}\n"
    )
