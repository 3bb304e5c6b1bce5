"""Questions that can be put to a target, the shapes of their answers, and the facts that join the two."""
