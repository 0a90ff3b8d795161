"""Whom to write to: the book, files of contacts, proposed changes."""
