"""Photos, the frames that models see of them, regions on frames, and what hidden pixels become."""
