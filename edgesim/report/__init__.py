"""What comes out: text, JSON and traces."""
