"""Lines and areas of charts as masks: SVG pictures that style sheets cut colours with. Streamlit leaves no SVG in a
page's HTML, and a mask takes whatever colour the page is in."""

from urllib.parse import quote

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none">'


def line_mask(points: str, dashes: str = "") -> str:
    """A line through points, in percent of width and height as SVG has them, as CSS's url().

    dashes: lengths of strokes and gaps in pixels; empty for an unbroken line.
    """
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return _url(
        f'<polyline points="{points}" fill="none" stroke="#000" stroke-width="2.5" stroke-linejoin="round"{dashed} '
        'vector-effect="non-scaling-stroke"/>'
    )


def area_mask(points: str) -> str:
    """The area within points, likewise."""
    return _url(f'<polygon points="{points}"/>')


def _url(shape: str) -> str:
    return f"url(data:image/svg+xml,{quote(f'{_HEAD}{shape}</svg>', safe='')})"
