"""The style of all pages, read once; nothing else, so that it is there before anything that takes long to import."""

from pathlib import Path

_HERE = Path(__file__).parent
STYLE = f"<style>{(_HERE / 'shell.css').read_text()}</style>"
PRESENTER_STYLE = f"<style>{(_HERE / 'presenter.css').read_text()}</style>"
"""In addition, in presenter mode."""
