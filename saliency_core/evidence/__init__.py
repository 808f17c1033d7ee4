"""Whether a map can be believed: what removing pixels does, what an untrained network gives, and what changes it."""
