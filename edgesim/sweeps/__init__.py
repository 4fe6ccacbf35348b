"""Many scenarios: a hundred thousand points, on some cores or a cluster, kept in a dataset."""
