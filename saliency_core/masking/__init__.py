"""The masking experiment: hide regions, keep only them, and compare with random places."""
