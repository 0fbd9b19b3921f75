"""Lists as files: any length, in the reader's words, harmless to open, and written down."""

from common.exports.bundle import bundle, bundle_of
from common.exports.serving import Wanted, answer, file_of
from common.exports.tables import Cell, Column, Table
from common.exports.veils import Veil

__all__ = ["Cell", "Column", "Table", "Veil", "Wanted", "answer", "bundle", "bundle_of", "file_of"]
