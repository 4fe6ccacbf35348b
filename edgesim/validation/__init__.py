"""Simulated against real execution: one plan or a campaign of many.

A `Case` is one plan with its simulated timeline; `execution` runs the cases for real, in random order; `agreement`
compares what was measured with what was simulated, and `ranking` asks whether the simulator would choose the same plan.
"""
