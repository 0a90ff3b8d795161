"""How people here write: text, numbers, dates, document numbers, old fonts, working days."""
