"""Looking after a home: alarms, backup, retention, erasure, a cycle taken out or in."""
