"""The same scenario many times over: what chance does to a plan, and which of two plans is better all the same."""
