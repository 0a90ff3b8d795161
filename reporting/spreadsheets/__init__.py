"""Files of strangers with rows and columns, read without harm."""
