"""What a sender hears whose mail waits for a person, or was set aside by one."""
