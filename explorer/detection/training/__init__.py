"""Training of miniature networks: the one-shot network, and one architecture alone."""
