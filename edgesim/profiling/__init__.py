"""Device profiles from measurements: those of this machine, and those of other tools."""
