"""Where a cycle and its report stand."""
