"""Files come in: brought, mapped, checked whole, and merged in chunks of a few seconds."""

from customers.operations.imports.bringing import bring
from customers.operations.imports.checking import check
from customers.operations.imports.driving import import_file, work_on_imports
from customers.operations.imports.foreseeing import touches
from customers.operations.imports.forgetting import forget
from customers.operations.imports.mappings import save_mapping, saved_mappings, use_mapping
from customers.operations.imports.merging import Chunk, cancel, pause, resume, start, work_on
from customers.operations.imports.reading import BadFile
from customers.operations.imports.rejects import rejected_csv
from customers.operations.imports.touched import people_touched
from customers.operations.imports.undoing import (
    Foreseen,
    Undoing,
    foresee,
    left_csv,
    undo,
    undoable_until,
    undone_orders,
    work_on_undo,
)
from customers.operations.imports.uploading import (
    DELIMITERS,
    ENCODINGS,
    FileTooLarge,
    Inspection,
    NotNow,
    UnknownFileKind,
    WrongMapping,
    declare_and_map,
    file_kinds,
    inspect,
    kinds_for,
    map_columns,
    read_again,
    upload,
)
from customers.operations.imports.upserting import Upsert

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "BadFile",
    "Chunk",
    "FileTooLarge",
    "Foreseen",
    "Inspection",
    "NotNow",
    "Undoing",
    "UnknownFileKind",
    "Upsert",
    "WrongMapping",
    "bring",
    "cancel",
    "check",
    "declare_and_map",
    "file_kinds",
    "foresee",
    "forget",
    "import_file",
    "inspect",
    "kinds_for",
    "left_csv",
    "map_columns",
    "pause",
    "people_touched",
    "read_again",
    "rejected_csv",
    "resume",
    "save_mapping",
    "saved_mappings",
    "start",
    "touches",
    "undo",
    "undoable_until",
    "undone_orders",
    "upload",
    "use_mapping",
    "work_on",
    "work_on_imports",
    "work_on_undo",
]
