"""Who works here: persons, what each role may do, how they come in and stay in."""
