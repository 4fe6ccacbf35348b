"""Real encoders of the BERT family, executed from shards: checkpoints, tasks, accuracy. The only user of PyTorch."""
