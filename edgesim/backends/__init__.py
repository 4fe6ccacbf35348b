"""What executes a plan, in virtual or in real time. A backend obeys; it never sees the target latency."""
