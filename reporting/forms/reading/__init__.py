"""Reading a filled form back, part by part: ``reporting.forms.read`` is the way in."""
