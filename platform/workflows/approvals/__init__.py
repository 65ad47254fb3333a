"""Approvals: a pure core that decides (`core/`) and a thin shell that reads and writes rows."""
