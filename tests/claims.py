"""What the guided tour must say, by the library alone."""

from typing import Any

import saliency_core as core
from pages.ui.samples import samples
from pages.ui.tour import CONTROLS
from saliency_core.masking.sentences import tell_hiding_by_chance
from saliency_core.text import percent

Manifest = dict[str, dict[str, Any]]
Claims = tuple[tuple[str, ...], ...]


def expected_claims(classifier: core.Classifier, manifest: Manifest) -> Claims:
    """For each step, texts that must stand on screen."""

    def frame(sample: str) -> core.Frame:
        return core.frame_photo(core.decode_photo(samples()[sample].data), classifier, "squash")

    def sure(sample: str, label: str | None = None) -> str:
        prediction = core.classify(classifier, frame(sample))
        best = prediction.top(1)[0]
        guess = prediction.guess(list(classifier.categories).index(label)) if label else best
        return percent(guess.probability)

    def region(sample: str, what: str) -> core.Region:
        left, top, right, bottom = next(box["box"] for box in manifest[sample]["boxes"] if box["what"] == what)
        edges = [round(224 * share) for share in (top, left, bottom, right)]
        return core.Region(edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1])

    def inside(sample: str, label: str, what: str) -> str:
        raw = core.attribute(classifier, frame(sample), list(classifier.categories).index(label)).values
        part = region(sample, what)
        held = raw[part.top : part.top + part.height, part.left : part.left + part.width].sum() / raw.sum()
        return percent(float(held))

    def trial(sample: str, what: str, controls: int = CONTROLS) -> core.Experiment:
        return core.run_experiment(classifier, frame(sample), [region(sample, what)], n_controls=controls)

    def shares(experiment: core.Experiment) -> tuple[str, str, str]:
        found = experiment.evidence
        return percent(found.original), percent(found.hidden), percent(found.kept)

    def p_value(experiment: core.Experiment) -> str:
        hidden = shares(experiment)[1]
        return f"{hidden}. {tell_hiding_by_chance(experiment.evidence)}"

    photographer, legs = trial("cameraman", "photographer"), trial("cameraman", "tripod legs")
    rocket, head, koala = trial("rocket-pad", "rocket"), trial("koala", "head"), trial("koala", "whole koala", 0)
    return (
        (f"“Egyptian cat”, but it is only {sure('cat')} sure", sure("cat", "tabby")),
        ("nor that the model knows a cat's face: that takes a test",),
        (
            f"“electric guitar”, {sure('guitar-drums')} sure; “drum” gets {sure('guitar-drums', 'drum')}",
            f"{inside('guitar-drums', 'electric guitar', 'guitar')} of the map for “electric guitar”",
            f"{inside('guitar-drums', 'drum', 'guitar')} of the map for “drum”",
        ),
        (
            f"“tripod” is still at {shares(photographer)[1]} (before: {shares(photographer)[0]})",
            f"“tripod” falls from {shares(legs)[0]} to {shares(legs)[1]}",
            p_value(photographer),
            p_value(legs),
        ),
        (
            f"“drilling platform” rises from {shares(rocket)[0]} to {shares(rocket)[1]}",
            f"“koala” rises from {shares(head)[0]} to {shares(head)[1]}",
            p_value(rocket),
            p_value(head),
        ),
        (f"From the head alone, “koala” gets {shares(head)[2]}; from the whole koala alone, {shares(koala)[2]}",),
        (f"“porcupine”, {sure('hedgehog')} sure",),
    )
