"""Pages for people who do not use the terminal."""
