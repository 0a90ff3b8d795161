"""The commands, by the work they belong to."""
