"""What is due: reminders, calls, escalation, what waits for a person."""
