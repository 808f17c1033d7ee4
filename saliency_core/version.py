"""The library's version, a literal in a module of its own: pyproject.toml reads it without importing anything."""

__version__ = "0.3.0"
