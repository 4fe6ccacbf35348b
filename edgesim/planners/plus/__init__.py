"""What `wrx_plus` is made of: the best bitwidths for IO budgets, found exactly, and which budgets there are."""
