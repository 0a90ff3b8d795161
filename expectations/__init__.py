"""Great Expectations over all units of a cycle; only our own objects leave this package."""
