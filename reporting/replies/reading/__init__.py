"""What a reply holds: its words, files, forms and documents, read before anything is decided."""
