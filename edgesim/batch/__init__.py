"""Many single inferences at once, as arrays: the recurrence and the metrics without objects or events."""
