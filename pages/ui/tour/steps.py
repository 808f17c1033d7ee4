"""The tour's steps in their order."""

from collections.abc import Callable
from functools import partial

import saliency_core as core
from pages.ui.tour.asking import ask
from pages.ui.tour.closing import conclude
from pages.ui.tour.looking import ask_about_each, show_map, tell_guess
from pages.ui.tour.objects import keep_only, look_for_the_thing
from pages.ui.tour.scenes import Scene
from pages.ui.tour.tampering import plant_a_mark
from pages.ui.tour.trials import COFFEE, HEAD, LEGS

STEPS: tuple[Callable[[core.Classifier], Scene], ...] = (
    tell_guess,
    show_map,
    ask_about_each,
    partial(ask, part=LEGS),
    partial(ask, part=HEAD),
    partial(ask, part=COFFEE),
    look_for_the_thing,
    keep_only,
    plant_a_mark,
    conclude,
)
"""Each makes its scene with the classifier in use: what it says, where it looks, parts of things hidden, then things
as a whole, then things alone, then a trick that has to be noticed, and what all of that comes to."""
