"""Every planner at every point: side by side, and what else was asked for."""
