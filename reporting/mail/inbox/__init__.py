"""What comes in: mailbox, drop folder, delivery reports, and the state of a reply."""
