"""Long measurements that stand behind committed figures: commands, not tests."""
