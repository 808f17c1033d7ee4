"""Fuzzing of all that reads a file or a link: python -m scripts.fuzz --help."""
