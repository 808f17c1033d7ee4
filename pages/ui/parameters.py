"""What a link can say: one table for reading and for writing, a row for each thing.

A page's link states all that the page shows and all that this rests on, defaults too: it means the same when one of
them has changed. Only a class that is the model's best guess anyway is left out, which is what no class means, a
second model and a class taken away where there is none, and presenter mode while it is off.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pages.ui import session, uploads
from pages.ui.hand import MOST
from pages.ui.samples import Source, samples
from pages.ui.shapes import DIGITS, Rectangle, make_rectangle
from saliency_core import CROP_MODES, FILLS, methods
from saliency_core.audit.cases import Case
from saliency_core.audit.home import list_audits
from saliency_core.audit.tables import ORDERS
from saliency_core.masking.placements import CONTROL_COUNTS
from saliency_core.masking.sentences import DECLARATIONS
from saliency_core.methods.attribution import MAGNITUDES
from saliency_core.models.registry import all_models
from saliency_core.presentation.colours import COLOUR_MAPS

TOUR, CLASSIFICATION, SALIENCY, MASKING, EVIDENCE, AUDIT, MODELS, ABOUT = PAGES = (
    "Guided tour",
    "Classification",
    "Saliency",
    "Masking experiment",
    "Evidence",
    "Audit",
    "Models",
    "About",
)
"""The pages by their titles."""
ABOUT_A_PHOTO = (CLASSIFICATION, SALIENCY, MASKING, EVIDENCE)
OF_A_CLASS = (SALIENCY, MASKING, EVIDENCE)
OF_TWO_MODELS = (CLASSIFICATION, SALIENCY, MASKING)
OF_ONE_METHOD = (SALIENCY, MASKING)
NONE = "none"
"""Says that nothing is chosen, where nothing said means something else."""
LARGEST_SEED = 2**31 - 1
AUTOMATIC = "automatic"
"""Says that the method chooses its layer."""
COPIES, MOST_NOISE, NOISE_STEP = (5, 50), 0.5, 0.05
"""What the controls of SmoothGrad offer."""

_LAYER = re.compile(r"[A-Za-z0-9_.]{1,200}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a link says.

    name: its name in the address; key: the name under which the session remembers it.
    pages: titles of the pages whose links say it.
    read: the value that its text stands for, or None.
    write: what is on screen as text, or None to leave it out.
    problem: what a link asks for whose text stands for none; it follows “This link asks for”.
    step: whether a change of it is a step, which the browser's Back undoes; other changes belong to the step before.
    optional: whether write() may leave it out.
    """

    name: str
    key: str
    pages: tuple[str, ...]
    read: Callable[[str], object | None]
    write: Callable[[], str | None]
    problem: str
    step: bool = False
    optional: bool = False


def _one_of(values: Collection[str]) -> Callable[[str], str | None]:
    return lambda text: text if text in values else None


def _whole_number(text: str, most: int = 10**9) -> int | None:
    """Digits as a number; None for anything else, and for more than any of ours is."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else None
    return number if number is not None and number <= most else None


def _number(text: str, most: float) -> float | None:
    """A plain number from 0 to `most`, with at most six digits behind the point."""
    return float(text) if _NUMBER.fullmatch(text) and float(text) <= most else None


def _read_photo(text: str) -> Source | None:
    if text in samples():
        return samples()[text]
    in_view = session.source()
    return in_view if text == uploads.name_of(in_view) else uploads.find(text) or uploads.absent(text)


def _write_photo() -> str:
    return session.source().sample or uploads.name_of(session.source())


def _read_sigma(text: str) -> float | None:
    value = _number(text, session.MAX_SIGMA)
    return None if value is None else round(2 * value) / 2  # a multiple of the slider's step


def _read_sigmas(text: str) -> list[int] | None:
    if text == NONE:
        return []
    offered = {str(sigma): sigma for sigma in session.COMPARABLE}
    asked = set(re.split("[-,]", text[:100]))
    return sorted(offered[each] for each in asked) if asked <= offered.keys() else None


def _write_sigmas() -> str:
    return "-".join(str(sigma) for sigma in sorted(session.setting("compared"))) or NONE


def _read_tested(text: str) -> list[str] | None:
    if text == NONE:
        return []
    asked, known = set(text[:500].split("-")), [each.key for each in methods()]
    return [key for key in known if key in asked] if asked <= set(known) else None


def _read_opacity(text: str) -> int | None:
    value = _whole_number(text, 100)
    return None if value is None else 5 * round(value / 5)


def _read_flag(text: str) -> bool | None:
    return {"1": True, "0": False}.get(text)


def _write_flag(value: bool) -> str:
    return "1" if value else "0"


def _read_regions(text: str) -> tuple[Rectangle, ...] | None:
    """left-top-width-height in percent of the photo, one after the other with _ between them."""
    if text == NONE:
        return ()
    rows = re.split("[_;]", text[: 60 * MOST])
    return tuple(filter(None, map(_read_region, rows))) if len(rows) <= MOST and all(map(_read_region, rows)) else None


def _read_region(text: str) -> Rectangle | None:
    shares = [_number(each, 100) for each in re.split("[-,]", text)]
    if len(shares) != 4:
        return None
    known = [each / 100 for each in shares if each is not None]
    return make_rectangle(*known) if len(known) == 4 else None


def _write_regions() -> str:
    return "_".join(map(_write_region, session.rectangles()[:MOST])) or NONE


def _write_region(rectangle: Rectangle) -> str:
    shares = (rectangle.left, rectangle.top, rectangle.width, rectangle.height)
    return "-".join(f"{100 * share:.{DIGITS - 2}f}".rstrip("0").rstrip(".") for share in shares)


def _setting(name: str) -> Callable[[], str]:
    return lambda: str(session.setting(name))


def _read_methods(text: str) -> list[str] | None:
    """Keys of methods, in the order in which they are offered."""
    if text == NONE:
        return []
    known, asked = [each.key for each in methods()], set(text[:500].split("-"))
    return [key for key in known if key in asked] if asked <= set(known) else None


def _between(text: str, ends: tuple[int, int]) -> int | None:
    value = _whole_number(text, ends[1])
    return value if value is not None and value >= ends[0] else None


def _read_noise(text: str) -> float | None:
    value = _number(text, MOST_NOISE)
    return None if value is None else round(round(value / NOISE_STEP) * NOISE_STEP, 2)


def _read_layer(text: str) -> str | None:
    """The name of a layer of any model; whether the one in use has it is found out where it is looked at."""
    if text == AUTOMATIC:
        return ""
    return text if _LAYER.fullmatch(text) else None


def _of_an_audit(name: str, default: str) -> Callable[[], str | None]:
    """What is chosen of an audit's photos; nothing where there is no audit."""
    return lambda: str(session.recall(name, default)) if session.recall("audit", None) else None


def _option(
    option: str,
    key: str,
    read: Callable[[str], object | None],
    problem: str,
    write: Callable[[Any], str] = str,
) -> Parameter:
    """What a method may be told, said where one reads it; the address has the name that the session has for it."""
    return Parameter(
        key,
        key,
        OF_A_CLASS,
        read,
        lambda: write(session.setting(key)) if session.reads(option) else None,
        problem,
        optional=True,
    )


PARAMETERS = (
    Parameter(
        "photo", "photo", ABOUT_A_PHOTO, _read_photo, _write_photo, "a photo that is not among the samples", step=True
    ),
    Parameter(
        "model",
        "model",
        (TOUR, *ABOUT_A_PHOTO),
        lambda text: text if text in all_models() else None,
        session.wanted_model,
        "a model that does not exist here",
        step=True,
    ),
    Parameter(
        "beside",
        "beside",
        OF_TWO_MODELS,
        lambda text: text if text in all_models() else None,
        session.beside,
        "a second model that does not exist here",
        step=True,
        optional=True,
    ),
    Parameter(
        "crop_mode",
        "crop_mode",
        (TOUR, *ABOUT_A_PHOTO),
        _one_of(CROP_MODES),
        session.crop_mode,
        "an unknown way to crop the photo",
        step=True,
    ),
    Parameter(
        "method",
        "method",
        OF_ONE_METHOD,
        lambda text: text if text in [each.key for each in methods()] else None,
        session.method,
        "a method that does not exist here",
        step=True,
    ),
    Parameter(
        "class",
        "target",
        OF_A_CLASS,
        _whole_number,
        lambda: None if session.target() is None else str(session.target()),
        "a class that is not a number from 0",
        step=True,
        optional=True,
    ),
    Parameter(
        "minus",
        "minus",
        (SALIENCY,),
        _whole_number,
        lambda: None if session.minus() is None or session.beside() else str(session.minus()),
        "a class to take away that is not a number from 0",
        step=True,
        optional=True,
    ),
    Parameter(
        "sigma",
        "sigma",
        OF_A_CLASS,
        _read_sigma,
        lambda: f"{session.sigma():g}",
        f"a sigma that is not a number from 0 to {session.MAX_SIGMA:g}",
    ),
    Parameter(
        "sigmas",
        "compared",
        (SALIENCY,),
        _read_sigmas,
        _write_sigmas,
        f"sigmas to compare that are not among {', '.join(map(str, session.COMPARABLE))}",
    ),
    Parameter(
        "one_scale",
        "one_scale",
        (SALIENCY,),
        _read_flag,
        lambda: _write_flag(session.setting("one_scale")),
        "a colour scale that is neither one for all (1) nor each its own (0)",
    ),
    Parameter(
        "beside_scale",
        "beside_scale",
        (SALIENCY,),
        _read_flag,
        lambda: _write_flag(session.setting("beside_scale")) if session.beside() else None,
        "a colour scale that is neither one for both models (1) nor each its own (0)",
        optional=True,
    ),
    Parameter(
        "outlined",
        "outlined",
        (SALIENCY,),
        _read_flag,
        lambda: _write_flag(session.setting("outlined")),
        "an outline that is neither there (1) nor not (0)",
    ),
    Parameter(
        "opacity",
        "opacity",
        (SALIENCY,),
        _read_opacity,
        _setting("opacity"),
        "an opacity that is not a number from 0 to 100",
    ),
    Parameter(
        "colours",
        "colour_map",
        (SALIENCY,),
        _one_of(COLOUR_MAPS),
        _setting("colour_map"),
        "colours that do not exist here",
    ),
    Parameter(
        "channels",
        "reduction",
        (SALIENCY,),
        _one_of(MAGNITUDES),
        _setting("reduction"),
        "an unknown way to join the colour channels",
    ),
    Parameter(
        "methods",
        "compared_methods",
        (SALIENCY,),
        _read_methods,
        lambda: "-".join(session.setting("compared_methods")) or NONE if session.setting("side_by_side") else None,
        "methods to compare that do not exist here",
        optional=True,
    ),
    _option("copies", "copies", lambda text: _between(text, COPIES), f"copies that are not {COPIES[0]} to {COPIES[1]}"),
    _option("noise", "noise", _read_noise, f"noise that is not a number from 0 to {MOST_NOISE:g}"),
    _option("baseline", "baseline", _one_of(FILLS), "an unknown baseline"),
    _option("layer", "layer", _read_layer, "a layer whose name none can have", lambda layer: layer or AUTOMATIC),
    _option(
        "seed",
        "map_seed",
        lambda text: _whole_number(text, LARGEST_SEED),
        f"a seed of the map that is not a number from 0 to {LARGEST_SEED:,}",
    ),
    Parameter(
        "regions",
        "rectangles",
        (MASKING,),
        _read_regions,
        _write_regions,
        f"regions that are not up to {MOST} rectangles in percent of the photo",
        step=True,
    ),
    Parameter(
        "declared",
        "declared",
        (MASKING,),
        _one_of(DECLARATIONS),
        session.declared,
        "regions that are neither the object, nor a part of it, nor something else",
    ),
    Parameter(
        "from_map",
        "from_map",
        (MASKING,),
        _read_flag,
        lambda: _write_flag(session.from_map()),
        "regions that are neither from the map (1) nor not (0)",
    ),
    Parameter("fill", "fill", (MASKING,), _one_of(FILLS), _setting("fill"), "an unknown fill", step=True),
    Parameter(
        "controls",
        "control_count",
        (MASKING,),
        lambda text: int(text) if text in map(str, CONTROL_COUNTS) else None,
        _setting("control_count"),
        f"a number of random places that is not one of {', '.join(map(str, CONTROL_COUNTS))}",
    ),
    Parameter(
        "seed",
        "seed",
        (MASKING,),
        lambda text: _whole_number(text, LARGEST_SEED),
        lambda: str(int(session.setting("seed"))),
        f"a seed that is not a number from 0 to {LARGEST_SEED:,}",
    ),
    Parameter(
        "tested",
        "tested",
        (EVIDENCE,),
        _read_tested,
        lambda: "-".join(session.setting("tested")) or NONE,
        "methods to test that do not exist here",
    ),
    Parameter(
        "removed_fill",
        "removed_fill",
        (EVIDENCE,),
        _one_of(FILLS),
        _setting("removed_fill"),
        "an unknown fill for what is removed",
    ),
    Parameter(
        "every_fill",
        "every_fill",
        (EVIDENCE,),
        _read_flag,
        lambda: _write_flag(session.setting("every_fill")),
        "a choice that is neither all fills (1) nor one (0)",
    ),
    Parameter(
        "audit",
        "audit",
        (AUDIT,),
        lambda text: text if text in list_audits() else None,
        lambda: session.recall("audit", None),
        "an audit that does not exist here",
        step=True,
        optional=True,
    ),
    Parameter(
        "audit_class",
        "audit_class",
        (AUDIT,),
        _whole_number,
        lambda: None if (chosen := session.recall("audit_class", None)) is None else str(chosen),
        "a class of an audit that is not a number from 0",
        step=True,
        optional=True,
    ),
    Parameter(
        "audit_case",
        "audit_case",
        (AUDIT,),
        _one_of(("all", *(case.name.lower() for case in Case), "none")),
        _of_an_audit("audit_case", "all"),
        "photos of an audit of an unknown kind",
        optional=True,
    ),
    Parameter(
        "audit_order",
        "audit_order",
        (AUDIT,),
        _one_of(ORDERS),
        _of_an_audit("audit_order", ORDERS[0]),
        "an unknown order of an audit’s photos",
        optional=True,
    ),
    Parameter(
        "audit_backwards",
        "audit_backwards",
        (AUDIT,),
        _read_flag,
        lambda: _write_flag(session.recall("audit_backwards", False)) if session.recall("audit", None) else None,
        "an order of photos that is neither backwards (1) nor not (0)",
        optional=True,
    ),
    Parameter(
        "audit_page",
        "audit_page",
        (AUDIT,),
        lambda text: _whole_number(text) or None,
        _of_an_audit("audit_page", "1"),
        "a page of an audit’s photos that is not a number from 1",
        optional=True,
    ),
    Parameter(
        "audit_beside",
        "audit_beside",
        (AUDIT,),
        lambda text: text if text in list_audits() else None,
        lambda: session.recall("audit_beside", "") or None,
        "a second audit that does not exist here",
        step=True,
        optional=True,
    ),
    Parameter(
        "step",
        "step",
        (TOUR,),
        lambda text: _whole_number(text) or None,
        lambda: str(session.recall("step", 1)),
        "a step of the tour that is not a number from 1",
        step=True,
    ),
    Parameter(
        "present",
        "presenting",
        PAGES,
        lambda text: text == "1",
        lambda: "1" if session.presenting() else None,
        "",
        optional=True,
    ),
)
STEPS = tuple(parameter.name for parameter in PARAMETERS if parameter.step)
"""Those whose change is a step."""
