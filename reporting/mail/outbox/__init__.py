"""What goes out: messages, their words, their bytes, and sending them."""
