"""What other tools measured, as parts of a device profile: one module per format."""
