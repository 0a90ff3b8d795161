"""The way of a report to the signature, its issue and its copies."""
