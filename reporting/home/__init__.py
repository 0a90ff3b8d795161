"""The working folder, and the context of one piece of work."""
