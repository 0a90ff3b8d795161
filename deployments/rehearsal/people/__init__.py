"""The departments of a rehearsal: what they get, write and send."""
