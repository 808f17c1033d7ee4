"""What the guided tour must say, by the library alone."""

from functools import cache
from typing import Any

import saliency_core as core
from pages.ui.samples import samples
from saliency_core.audit.demonstration import show_mark
from saliency_core.audit.measure import Settings
from saliency_core.masking.claims import RARE
from saliency_core.masking.placements import N_CONTROLS, photo_area
from saliency_core.masking.sentences import Declared
from saliency_core.methods.measures import brightest_region
from saliency_core.photos.frame import CropMode
from saliency_core.text import percent

Manifest = dict[str, dict[str, Any]]
Claims = tuple[tuple[str, ...], ...]


def expected_claims(classifier: core.Classifier, manifest: Manifest, crop_mode: CropMode) -> Claims:
    """For each screen of the tour, a question and its answer being two, texts that must stand on it."""

    @cache
    def frame(sample: str) -> core.Frame:
        return core.frame_photo(core.decode_photo(samples()[sample].data), classifier, crop_mode)

    @cache
    def prediction(sample: str) -> core.Prediction:
        return core.classify(classifier, frame(sample))

    def sure(sample: str, label: str) -> str:
        return percent(prediction(sample).guess(list(classifier.categories).index(label)).probability)

    def region(sample: str, what: str) -> core.Region:
        """The manifest's box, on the frame, cut to what the model sees."""
        seen, across, down = frame(sample), manifest[sample]["width"], manifest[sample]["height"]
        left, top, right, bottom = next(box["box"] for box in manifest[sample]["boxes"] if box["what"] == what)
        width, height = seen.box.right - seen.box.left, seen.box.bottom - seen.box.top
        columns = [min(max(round((edge * across - seen.box.left) / width * 224), 0), 224) for edge in (left, right)]
        rows = [min(max(round((edge * down - seen.box.top) / height * 224), 0), 224) for edge in (top, bottom)]
        return core.Region(rows[0], columns[0], rows[1] - rows[0], columns[1] - columns[0])

    def brightest(sample: str) -> core.Region:
        values = core.attribute(classifier, frame(sample), prediction(sample).top(1)[0].index).values
        return brightest_region(values, 85, 85, photo_area(frame(sample)))

    def inside(sample: str, label: str, what: str) -> str:
        raw = core.attribute(classifier, frame(sample), list(classifier.categories).index(label)).values
        part = region(sample, what)
        held = raw[part.top : part.top + part.height, part.left : part.left + part.width].sum() / raw.sum()
        return f"{percent(float(held))} of the map for “{label}”"

    def trial(sample: str, what: str) -> core.Experiment:
        where = region(sample, what) if what else brightest(sample)
        kind: Declared = next((box["is"] for box in manifest[sample]["boxes"] if box["what"] == what), "other")
        return core.run_experiment(classifier, frame(sample), [where], n_controls=N_CONTROLS, declared=kind)

    def change(experiment: core.Experiment) -> str:
        evidence = experiment.evidence
        before, after = percent(evidence.original), percent(evidence.hidden)
        if evidence.hidden <= evidence.original - 0.05 or evidence.hidden < evidence.original / 2:
            return f"falls from {before} to {after}"
        return f"rises from {before} to {after}" if evidence.hidden >= evidence.original + 0.05 else f"still at {after}"

    def alike(experiment: core.Experiment) -> str:
        evidence = experiment.evidence

        def odds(share: float) -> float:
            return share / (1 - share)

        count = sum(odds(share) <= odds(evidence.hidden) * 1.01 for share in evidence.controls_hidden)
        return f"Of 59 random places, hidden one at a time, {count or 'none'} leave"

    def answer(experiment: core.Experiment) -> str:
        best = experiment.views.hidden.prediction.top(1)[0]
        stays = best.index == experiment.target
        return "Still the best guess." if stays else f"Now it says “{best.label}”, {percent(best.probability)}."

    def asked(sample: str, name: str, experiment: core.Experiment) -> tuple[tuple[str, ...], tuple[str, ...]]:
        best = prediction(sample).top(1)[0]
        question = f"Hide {name}: still “{best.label}”?"
        verdict = experiment.verdict.sentence
        return (
            (question, "guess before you see", f"“{best.label}”", percent(best.probability)),
            (question, answer(experiment), change(experiment), alike(experiment), verdict),
        )

    bright, guitar = trial("cat", ""), trial("guitar-drums", "guitar")
    legs, head = trial("cameraman", "tripod legs"), trial("koala", "head")
    coffee, cup = trial("espresso", "the coffee itself"), trial("espresso", "whole cup")
    rocket = trial("rocket-pad", "rocket")
    apart = sum(each.verdict.claim in RARE for each in (bright, guitar, legs, head, coffee, cup, rocket))
    least = int(prediction("bison-herd").logits.argmin())
    planted = show_mark(classifier, [frame("bison-herd")], least, Settings(fills=("black",), n_controls=N_CONTROLS))
    clean, marked = planted.pairs[0].clean, planted.pairs[0].marked
    cat, hedgehog = prediction("cat").top(1)[0], prediction("hedgehog").top(1)[0]
    return (
        (f"“{cat.label}”", percent(cat.probability), "1,000 kinds of things"),
        (change(bright), alike(bright), bright.verdict.sentence),
        (
            sure("guitar-drums", "electric guitar"),
            sure("guitar-drums", "drum"),
            inside("guitar-drums", "electric guitar", "guitar"),
            inside("guitar-drums", "drum", "guitar"),
            guitar.verdict.sentence,
        ),
        *asked("cameraman", "the tripod's legs", legs),
        *asked("koala", "the koala's head", head),
        *asked("espresso", "the coffee", coffee),
        (cup.verdict.sentence, rocket.verdict.sentence),
        (
            f"From the coffee alone, “espresso” gets {percent(coffee.evidence.kept)}",
            f"from the whole cup alone, {percent(cup.evidence.kept)}",
        ),
        (
            f"the answer is “{classifier.categories[least]}”, {percent(marked.prediction.guess(least).probability)}",
            f"by hiding {marked.need * N_CONTROLS:.0f} of 59 random places",
            f"leaves “{clean.prediction.top(1)[0].label}”",
        ),
        (
            f"Of 7 parts that this tour hid from {classifier.title}, {apart or 'none'} w",
            f"“{hedgehog.label}”, {percent(hedgehog.probability)} sure",
        ),
    )
