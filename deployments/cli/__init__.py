"""The command line: it parses, calls one function, and prints what came of it."""

from deployments.cli.app import main

__all__ = ["main"]
