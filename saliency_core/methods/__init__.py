"""Ways to a saliency map, one registry of them, and smoothing."""
