"""What came back: reading it, matching it, reasons to wait, accepting it, answering it."""
