"""Writing a form, part by part: ``reporting.forms.write`` is the way in."""
