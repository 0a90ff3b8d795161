"""What a report's Word template may say."""
