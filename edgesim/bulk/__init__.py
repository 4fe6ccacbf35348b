"""Many points of one experiment -> plans and figures, without a simulation of each."""
