from segments.admin import segments  # noqa: F401 -- registers its pages
