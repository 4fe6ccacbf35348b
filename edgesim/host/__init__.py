"""The machine that edgesim runs on: where threads may run, what disturbed them, what kind of machine it is."""
