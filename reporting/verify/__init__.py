"""Whether what a home holds hangs together: proved from rows and files, changing nothing."""
