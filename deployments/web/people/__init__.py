"""Coming in and going out, and who may do what."""
