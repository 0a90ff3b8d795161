"""A report that people went on editing in Word."""
