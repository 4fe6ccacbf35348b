"""Questions that take many runs to answer: what is needed for a goal, and which number moves the answer."""
