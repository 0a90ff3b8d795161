"""From the units' answers to national figures."""
