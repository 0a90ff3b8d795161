"""The report at a programme's end, over all its cycles."""
