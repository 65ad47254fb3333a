"""Exporting records as CSV, XLSX, JSON or NDJSON, as their reader may see them, and so that import reads
them back.

Links are written as the text that finds the record again (its title, a user's user name), as the id where
that text is not unique; text cells that a spreadsheet would run as formulas are guarded. May import what
`engine.imports` may.

Public names: `ExportRequest`, `FORMATS`, `export`.
"""

from fieldstone.engine.exports.run import FORMATS, ExportRequest, export

__all__ = ["FORMATS", "ExportRequest", "export"]
