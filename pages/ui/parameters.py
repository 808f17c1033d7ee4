"""What a link can say: one table for reading and for writing, a row for each thing.

A page's link states all that the page shows and all that this rests on, defaults too: it means the same when one of
them has changed. Only a class that is the model's best guess anyway is left out, which is what no class means, a
second model and a class taken away where there is none, and presenter mode while it is off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pages.ui import session
from pages.ui.hand import MOST
from pages.ui.values import (
    AUTOMATIC,
    COPIES,
    LARGEST_SEED,
    MOST_NOISE,
    NONE,
    between,
    one_of,
    read_flag,
    read_layer,
    read_methods,
    read_noise,
    read_opacity,
    read_photo,
    read_regions,
    read_sigma,
    read_sigmas,
    setting,
    whole_number,
    write_flag,
    write_photo,
    write_regions,
    write_sigmas,
)
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
        "photo", "photo", ABOUT_A_PHOTO, read_photo, write_photo, "a photo that is not among the samples", step=True
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
        one_of(CROP_MODES),
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
        whole_number,
        lambda: None if session.target() is None else str(session.target()),
        "a class that is not a number from 0",
        step=True,
        optional=True,
    ),
    Parameter(
        "minus",
        "minus",
        (SALIENCY,),
        whole_number,
        lambda: None if session.minus() is None or session.beside() else str(session.minus()),
        "a class to take away that is not a number from 0",
        step=True,
        optional=True,
    ),
    Parameter(
        "sigma",
        "sigma",
        OF_A_CLASS,
        read_sigma,
        lambda: f"{session.sigma():g}",
        f"a sigma that is not a number from 0 to {session.MAX_SIGMA:g}",
    ),
    Parameter(
        "sigmas",
        "compared",
        (SALIENCY,),
        read_sigmas,
        write_sigmas,
        f"sigmas to compare that are not among {', '.join(map(str, session.COMPARABLE))}",
    ),
    Parameter(
        "one_scale",
        "one_scale",
        (SALIENCY,),
        read_flag,
        lambda: write_flag(session.setting("one_scale")),
        "a colour scale that is neither one for all (1) nor each its own (0)",
    ),
    Parameter(
        "beside_scale",
        "beside_scale",
        (SALIENCY,),
        read_flag,
        lambda: write_flag(session.setting("beside_scale")) if session.beside() else None,
        "a colour scale that is neither one for both models (1) nor each its own (0)",
        optional=True,
    ),
    Parameter(
        "outlined",
        "outlined",
        (SALIENCY,),
        read_flag,
        lambda: write_flag(session.setting("outlined")),
        "an outline that is neither there (1) nor not (0)",
    ),
    Parameter(
        "opacity",
        "opacity",
        (SALIENCY,),
        read_opacity,
        setting("opacity"),
        "an opacity that is not a number from 0 to 100",
    ),
    Parameter(
        "colours",
        "colour_map",
        (SALIENCY,),
        one_of(COLOUR_MAPS),
        setting("colour_map"),
        "colours that do not exist here",
    ),
    Parameter(
        "channels",
        "reduction",
        (SALIENCY,),
        one_of(MAGNITUDES),
        setting("reduction"),
        "an unknown way to join the colour channels",
    ),
    Parameter(
        "methods",
        "compared_methods",
        (SALIENCY,),
        read_methods,
        lambda: "-".join(session.setting("compared_methods")) or NONE if session.setting("side_by_side") else None,
        "methods to compare that do not exist here",
        optional=True,
    ),
    _option("copies", "copies", lambda text: between(text, COPIES), f"copies that are not {COPIES[0]} to {COPIES[1]}"),
    _option("noise", "noise", read_noise, f"noise that is not a number from 0 to {MOST_NOISE:g}"),
    _option("baseline", "baseline", one_of(FILLS), "an unknown baseline"),
    _option("layer", "layer", read_layer, "a layer whose name none can have", lambda layer: layer or AUTOMATIC),
    _option(
        "seed",
        "map_seed",
        lambda text: whole_number(text, LARGEST_SEED),
        f"a seed of the map that is not a number from 0 to {LARGEST_SEED:,}",
    ),
    Parameter(
        "regions",
        "rectangles",
        (MASKING,),
        read_regions,
        write_regions,
        f"regions that are not up to {MOST} rectangles in percent of the photo",
        step=True,
    ),
    Parameter(
        "declared",
        "declared",
        (MASKING,),
        one_of(DECLARATIONS),
        session.declared,
        "regions that are neither the object, nor a part of it, nor something else",
    ),
    Parameter(
        "from_map",
        "from_map",
        (MASKING,),
        read_flag,
        lambda: write_flag(session.from_map()),
        "regions that are neither from the map (1) nor not (0)",
    ),
    Parameter("fill", "fill", (MASKING,), one_of(FILLS), setting("fill"), "an unknown fill", step=True),
    Parameter(
        "controls",
        "control_count",
        (MASKING,),
        lambda text: int(text) if text in map(str, CONTROL_COUNTS) else None,
        setting("control_count"),
        f"a number of random places that is not one of {', '.join(map(str, CONTROL_COUNTS))}",
    ),
    Parameter(
        "seed",
        "seed",
        (MASKING,),
        lambda text: whole_number(text, LARGEST_SEED),
        lambda: str(int(session.setting("seed"))),
        f"a seed that is not a number from 0 to {LARGEST_SEED:,}",
    ),
    Parameter(
        "tested",
        "tested",
        (EVIDENCE,),
        read_methods,
        lambda: "-".join(session.setting("tested")) or NONE,
        "methods to test that do not exist here",
    ),
    Parameter(
        "removed_fill",
        "removed_fill",
        (EVIDENCE,),
        one_of(FILLS),
        setting("removed_fill"),
        "an unknown fill for what is removed",
    ),
    Parameter(
        "every_fill",
        "every_fill",
        (EVIDENCE,),
        read_flag,
        lambda: write_flag(session.setting("every_fill")),
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
        whole_number,
        lambda: None if (chosen := session.recall("audit_class", None)) is None else str(chosen),
        "a class of an audit that is not a number from 0",
        step=True,
        optional=True,
    ),
    Parameter(
        "audit_case",
        "audit_case",
        (AUDIT,),
        one_of(("all", *(case.name.lower() for case in Case), "none")),
        _of_an_audit("audit_case", "all"),
        "photos of an audit of an unknown kind",
        optional=True,
    ),
    Parameter(
        "audit_order",
        "audit_order",
        (AUDIT,),
        one_of(ORDERS),
        _of_an_audit("audit_order", ORDERS[0]),
        "an unknown order of an audit’s photos",
        optional=True,
    ),
    Parameter(
        "audit_backwards",
        "audit_backwards",
        (AUDIT,),
        read_flag,
        lambda: write_flag(session.recall("audit_backwards", False)) if session.recall("audit", None) else None,
        "an order of photos that is neither backwards (1) nor not (0)",
        optional=True,
    ),
    Parameter(
        "audit_page",
        "audit_page",
        (AUDIT,),
        lambda text: whole_number(text) or None,
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
        lambda text: whole_number(text) or None,
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
