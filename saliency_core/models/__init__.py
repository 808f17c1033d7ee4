"""Models: which there are, their weights, and what one says of a frame."""
