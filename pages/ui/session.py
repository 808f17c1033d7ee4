"""Typed access to what a session remembers.

A setting that one widget chooses is the widget's own state, kept for the session by Streamlit, see kept(); SETTINGS
says what it is before anyone has chosen. The others are values of ours: the photo (chosen by a component or an
upload), the class (two widgets show it), the rectangles (drawn, taken from a sample, or typed) and the tour's step.
"""

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar, cast

import streamlit as st

from pages.ui.samples import ObjectBox, Source, samples
from pages.ui.shapes import Rectangle, rectangle_of, shared_part
from saliency_core import CROP_MODES, FILLS, MODELS, REDUCTIONS
from saliency_core.masking.placements import N_CONTROLS
from saliency_core.masking.sentences import Declared
from saliency_core.methods.method import DEFAULT_OPTIONS, Options
from saliency_core.methods.registry import DEFAULT_METHOD, find_method
from saliency_core.methods.smoothing import MAX_SIGMA as MAX_SIGMA
from saliency_core.methods.smoothing import largest_sigma as largest_sigma
from saliency_core.models.model import Model
from saliency_core.models.registry import all_models
from saliency_core.photos.frame import CropMode
from saliency_core.presentation.colours import COLOUR_MAPS

DEFAULT_SAMPLE = "cat"
DEFAULT_MODEL = "resnet50"
DEFAULT_SIGMA = 5.0
NO_CLASS = -1
"""Stands for none where a widget offers classes: Streamlit shows an option None as if nothing were chosen yet."""
COMPARABLE = (0, 1, 2, 3, 5, 8, 10, 15, 20)
"""Sigmas that can be compared side by side."""
SETTINGS: dict[str, object] = {
    "sigma": DEFAULT_SIGMA,
    "compared": [0, 2, 5, 10],
    "one_scale": False,
    "beside_scale": True,
    "outlined": False,
    "opacity": 60,
    "colour_map": COLOUR_MAPS[0],
    "reduction": REDUCTIONS[0],
    "side_by_side": False,
    "compared_methods": ["gradient", "smoothgrad", "grad_cam"],
    "fill": FILLS[0],
    "control_count": N_CONTROLS,
    "seed": 0,
    "copies": DEFAULT_OPTIONS.copies,
    "noise": DEFAULT_OPTIONS.noise,
    "baseline": DEFAULT_OPTIONS.baseline,
    "layer": "",
    "map_seed": DEFAULT_OPTIONS.seed,
    "tested": ["gradient", "smoothgrad", "grad_cam"],
    "removed_fill": "grey",
    "every_fill": False,
}
"""Settings of single pages' widgets. A link states them all, so that it means the same if one of these changes;
what is about a second model, only where there is one, and what a method may be told, only where it reads it."""
ALIKE = 0.5
"""Rectangles that share more of what both cover are one thing, moved or resized a little."""

Value = TypeVar("Value")


def page() -> str:
    """The title of the page in view."""
    return recall("page", "")


def turn_to(title: str) -> None:
    """Remember which page is in view; a fragment that runs by itself does not know."""
    st.session_state["page"] = title


def come_in() -> None:
    """Remember that the session came through the dashboard's entry, which sets up what all pages need."""
    st.session_state["came_in"] = True


def came_in() -> bool:
    """Whether it did; Streamlit runs a page by itself if a link to it is the first that a server gets."""
    return recall("came_in", False)


def source() -> Source:
    """The selected photo."""
    return cast("Source", st.session_state.setdefault("photo", samples()[DEFAULT_SAMPLE]))


def choose_source(chosen: Source) -> None:
    """Select another photo; its own best guess is then the class to explain. If it is the one that a link was about,
    the link's class and regions stay."""
    if not chosen.digest.startswith(source().digest):
        choose_target(None)
        choose_minus(None)
        mark_box(chosen.object_box)
    st.session_state["photo"] = chosen


def target() -> int | None:
    """The class that the person chose to explain; None for whatever the model guesses first."""
    return recall("target", None)


def take_over(values: dict[str, Any]) -> None:
    """Remember what a link or a saved result says, by the names that this module remembers it under."""
    values = dict(values)
    if (photo := values.pop("photo", None)) is not None:
        choose_source(photo)
    if {"target", "minus"} & values.keys():  # numbers are of the classes of the model beside them, whichever is in use
        st.session_state.pop("class_names", None)
    if (drawn := values.pop("rectangles", None)) is not None:
        replace_rectangles(drawn, values.pop("declared", "other"), values.pop("from_map", False))
    if "compared_methods" in values:
        values["side_by_side"] = True
    for name, value in values.items():
        st.session_state[name] = value


def choose_target(index: int | None) -> None:
    """Remember the class to explain."""
    st.session_state["target"] = index


def minus() -> int | None:
    """The class whose map is taken away from the one explained; None for none."""
    index: int = recall("minus", NO_CLASS)
    return None if index == NO_CLASS else index


def choose_minus(index: int | None) -> None:
    """Take away another class's map, or none; not while its picker is on the page already."""
    st.session_state["minus"] = NO_CLASS if index is None else index


def carry_target(names: Sequence[str]) -> str | None:
    """Find the class to explain, and the one taken away, among the classes of the model in use, by their names; the
    name of a class to explain that it does not have, which is then no longer chosen.

    A number that no model has given a name yet, such as a link's, has to be one of the model's.
    """
    named = cast("Sequence[str]", st.session_state.get("class_names", names))
    st.session_state["class_names"] = names
    choose_minus(_carry(minus(), named, names))  # told of nobody if it is left out: the caption then names one class
    index = target()
    found = _carry(index, named, names)
    if index is None or index == found:
        return None
    choose_target(found)
    return None if found is not None else named[index] if index < len(named) else str(index)


def _carry(index: int | None, named: Sequence[str], names: Sequence[str]) -> int | None:
    """The class of the same name among those of another model; None if it has none."""
    if index is None or index >= len(named):
        return None
    if index < len(names) and names[index] == named[index]:
        return index
    return names.index(named[index]) if named[index] in names else None


def step(steps: int) -> int:
    """The step of the guided tour of so many steps, from 1."""
    return min(recall("step", 1), steps)


def choose_step(number: int) -> None:
    """Go to a step of the guided tour."""
    st.session_state["step"] = number


def presenting() -> bool:
    """Whether pages are shown to a room: in larger type, and without the sidebar."""
    return recall("presenting", False)


def present(on: bool) -> None:
    """Begin or leave presenter mode."""
    st.session_state["presenting"] = on


def rectangles() -> tuple[Rectangle, ...]:
    """What is drawn on the photo; a sample starts with its object."""
    if "rectangles" not in st.session_state:
        mark_box(source().object_box)
    return recall("rectangles", ())


def drawing() -> int:
    """Counts up whenever the rectangles were replaced by anything but drawing."""
    return recall("drawing", 0)


def remember_drawn(drawn: tuple[Rectangle, ...]) -> None:
    """Take over what was drawn. What lies elsewhere than what was declared is something else, until the person says
    what it is."""
    st.session_state["rectangles"] = drawn
    _keep_declaration()


def replace_rectangles(
    replacement: tuple[Rectangle, ...], declared: Declared | None = None, from_map: bool = False
) -> None:
    """Draw these rectangles instead of what was drawn.

    declared: what they are; None if they are what was there, changed by numbers.
    from_map: whether they were taken from the map; what is changed of such by drawing or by numbers still was.
    """
    st.session_state["rectangles"] = replacement
    st.session_state["drawing"] = drawing() + 1
    if declared is None:
        _keep_declaration()
    else:
        declare(declared)
        st.session_state["from_map"] = from_map


def mark_box(box: ObjectBox | None) -> None:
    """Draw a sample's named thing, or nothing."""
    replace_rectangles(() if box is None else (rectangle_of(box),), "other" if box is None else box.declared)


def declare(declared: Declared) -> None:
    """Say what the rectangles are."""
    st.session_state["declared"] = declared
    st.session_state["declared_of"] = recall("rectangles", ())


def declare_chosen() -> None:
    """The person has chosen what the rectangles are."""
    declare(recall("declared", "other"))


def _keep_declaration() -> None:
    """Rectangles that have hardly moved are what they were."""
    nothing: tuple[Rectangle, ...] = ()
    before, now = recall("declared_of", nothing), recall("rectangles", nothing)
    if len(before) != len(now) or any(shared_part(a, b) < ALIKE for a, b in zip(before, now, strict=True)):
        declare("other")


def declared() -> Declared:
    """What the rectangles are, as the person says, or the sample."""
    rectangles()  # which a sample's first are declared with
    return recall("declared", "other")


def from_map() -> bool:
    """Whether the rectangles were taken from the map."""
    return recall("from_map", False)


def count_tries(photo: str, comparison: Hashable) -> int:
    """How many different comparisons with chance this session has made on a photo, this one among them."""
    tried = cast("dict[str, set[Hashable]]", st.session_state.setdefault("tried", {}))
    tried.setdefault(photo, set()).add(comparison)
    return len(tried[photo])


def wanted_model() -> str:
    """The model to ask; the one that answers, once a page has found out whether its weights can be had."""
    return recall("model", DEFAULT_MODEL if DEFAULT_MODEL in MODELS else next(iter(MODELS)))


def choose_model(name: str) -> None:
    """Ask another model; not while its picker is on the page already."""
    st.session_state["model"] = name


def take_model() -> None:
    """The person has chosen another model; photos are cropped as its own were, unless those were the same."""
    do_without(None)
    before, now = recall("own_crop_mode", CROP_MODES[0]), own_crop_mode(wanted_model())
    st.session_state["own_crop_mode"] = now
    if now != before:
        st.session_state["crop_mode"] = now


def beside() -> str | None:
    """The second model, to be put beside the one that is asked; None without one. A model is not beside itself."""
    name = recall("beside", "")
    return name if name and name != wanted_model() and name in all_models() else None


def put_beside(name: str | None) -> None:
    """Put another model beside the one that is asked, or none; not while its picker is on the page already."""
    st.session_state["beside"] = name or ""  # Streamlit shows an option None as if nothing were chosen yet


def own_crop_mode(name: str) -> CropMode:
    """The crop mode that a model was evaluated with."""
    model = all_models().get(name)
    return model.preset.crop_mode if isinstance(model, Model) else CROP_MODES[0]


def missing_model() -> str | None:
    """The model that was asked for and cannot be had, until the person goes on without it."""
    return recall("missing_model", None)


def do_without(name: str | None) -> None:
    """Remember that a model cannot be had; None if there is nothing to do without, or nothing more to say of it."""
    st.session_state["missing_model"] = name
    if name is None:
        st.session_state["tried_again"] = False


def crop_mode() -> CropMode:
    """How photos become frames."""
    chosen: CropMode | None = recall("crop_mode", None)
    return chosen or own_crop_mode(wanted_model())


def method() -> str:
    """Key of the method that maps are made by."""
    return recall("method", DEFAULT_METHOD)


def options() -> Options:
    """What the person chose that methods may be told; each reads its own. A layer "" is the method's own choice."""
    return Options(
        copies=int(setting("copies")),
        noise=float(setting("noise")),
        baseline=setting("baseline"),
        layer=setting("layer") or None,
        seed=int(setting("map_seed")),
    )


def reads(option: str) -> bool:
    """Whether a method whose map is on the page in view reads one of the Options, by its name there."""
    shown = [method()]
    if page() == "Saliency" and setting("side_by_side"):
        shown += setting("compared_methods")
    return any(option in find_method(each).options for each in shown)


def stopped() -> set[Hashable]:
    """The long explanations that the person has stopped and not gone on with."""
    return cast("set[Hashable]", st.session_state.setdefault("stopped", set()))


def sigma() -> float:
    """The smoothing of maps in frame pixels, whichever control shows it."""
    return float(setting("sigma"))


def choose_sigma(chosen: float) -> None:
    """Smooth by another sigma. The live map's component calls this: it is no widget of Streamlit's, and a slider
    of Streamlit's has the same key on another page."""
    st.session_state["sigma"] = chosen


def recall(name: str, default: Value) -> Value:
    """What the session remembers under a name."""
    return cast("Value", st.session_state.get(name, default))


def setting(name: str) -> Any:  # noqa: ANN401
    """One of SETTINGS, as chosen."""
    return recall(name, SETTINGS[name])


def kept(name: str, default: object = None) -> dict[str, Any]:
    """Arguments of a widget that shows and changes what the session remembers under `name`. Streamlit keeps it
    on pages that do not draw the widget too.

    default: what it is before anyone has chosen, if it is none of SETTINGS.

    The value is also written here, each time: a link may have said it before there was a widget, and where two pages
    draw a widget of the same key, Streamlit (1.67) gives the second page's a value from before, or its own default,
    in the run that changes the page."""
    st.session_state[name] = recall(name, SETTINGS.get(name, default))
    return {"key": name, "persist_state": "session"}
