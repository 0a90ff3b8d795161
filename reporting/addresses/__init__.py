"""What an address is: its syntax, as people type it, as the header of a mail has it."""
