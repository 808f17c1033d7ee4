"""Whether maps can be believed, measured over a folder of photos."""
