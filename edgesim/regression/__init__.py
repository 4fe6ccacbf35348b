"""A planner's old plans against its new ones, over a grid of devices, models, targets and buffers."""
