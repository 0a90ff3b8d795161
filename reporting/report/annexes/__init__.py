"""Workbook, internal annex, slips: what goes with the report."""
