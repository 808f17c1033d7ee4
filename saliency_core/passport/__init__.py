"""A model examined before it is believed: what was looked at, and what was found."""
