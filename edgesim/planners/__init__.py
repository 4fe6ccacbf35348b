"""What decides: ``plan(model, device, budget, *, <own options>) -> Plan``, one file for each family of planners."""
