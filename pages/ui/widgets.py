"""What every page shows beside its own content: photo, model and fit, and the choice of a class."""

import hashlib
import runpy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st

import saliency_core as core
from pages.ui import compute, session
from pages.ui.compute import Subject
from pages.ui.gallery import gallery
from pages.ui.samples import Source, samples
from pages.ui.words import FIT_NAMES, as_text
from saliency_core.photo import MAX_BYTES
from saliency_core.weights import cache_path, fetch_weights
from saliency_core.words import slug

_FALLBACK = "efficientnet_lite0"
_ENTRY = Path(__file__).parents[2] / "dashboard.py"


_STYLE = """<style>
.stMainBlockContainer{padding-top:2.4rem;padding-bottom:3rem}
.stMainBlockContainer h1{font-size:2rem;padding:0}
/* Streamlit's header covers what is below it whenever it has to hold the button that opens the sidebar. */
.stApp:has([data-testid=stExpandSidebarButton]) .stMainBlockContainer{padding-top:4.3rem}
[data-testid=stFileUploaderDropzoneInstructions]{display:none}
/* Streamlit writes white on the primary colour, which on dark ground has to be a bright one. */
[data-testid=stBaseButton-primary]:not(:disabled) *{color:light-dark(#ffffff,#11181b)}
.told p{font-size:1.2rem;line-height:1.45;margin:0 0 .2rem}
.progress,.progress span{display:flex;gap:.4rem;align-items:center}
.progress{gap:.8rem}
.progress i{width:.6rem;height:.6rem;border-radius:50%;background:light-dark(#c3ced1,#40525a)}
.progress i.done{background:light-dark(#0b6e7f,#3cb7c9)}
</style>"""
# Streamlit's sizes are all in rem, so that this makes everything larger: on a laptop a little, on a
# projector a lot.
_PRESENTER_STYLE = "<style>html{font-size:clamp(17px,1.2vw,28px)}.stMainBlockContainer{padding-top:3.9rem}</style>"
_TOUR_STYLE = "<style>.stMainBlockContainer{padding-bottom:.5rem}</style>"


@contextmanager
def telling_errors() -> Iterator[None]:
    """Around a page or a fragment: what the library refuses is told in its own sentence, not as a fault."""
    try:
        yield
    except core.SaliencyError as error:
        st.error(str(error), icon=":material/error:")


def open_page(title: str, lead: str) -> Subject:
    """Begin a page: the sidebar, the title, the model in use. The one call each page makes first;
    what it returns is what the page is about."""
    _open(_photo_picker, _model_picker, _fit_picker)
    st.title(title, anchor=False)
    st.markdown(lead)
    _tell_link_problems()
    subject = Subject(session.source(), _ready_classifier(session.wanted_model()), session.fit())
    session.update_link()
    compute.reserve_waiting()
    return subject


def open_text(title: str, lead: str) -> None:
    """Begin a page that is about no photo and asks no model."""
    _open()
    st.title(title, anchor=False)
    st.markdown(lead)
    _tell_link_problems()
    _offer_leaving()
    session.update_link()


def open_tour(step: int) -> core.Classifier:
    """Begin a step of the guided tour, which brings its own photos; the model in use is named where this
    is called."""
    _open(_model_picker)
    st.html(_TOUR_STYLE)
    _tell_link_problems()
    classifier = _ready_classifier(session.wanted_model())
    session.update_link(step)
    return classifier


def show_progress(done: int, steps: int) -> None:
    """How far a person has come, as dots and in words."""
    dots = "".join(f'<i class="{"done" if number <= done else ""}"></i>' for number in range(1, steps + 1))
    words = f"Step {done} of {steps}"
    st.html(f'<div class="progress">{words}<span aria-hidden="true">{dots}</span></div>')


def show_sentences(sentences: Sequence[str]) -> None:
    """Sentences in large type, one a line."""
    st.html(f'<div class="told">{"".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)}</div>')


def _open(*pickers: Callable[[], None]) -> None:
    """The link, the style, and the sidebar; a room that is presented to has no use for the last."""
    if not session.came_in():
        runpy.run_path(str(_ENTRY))  # draws all of the page, and from then on Streamlit begins there
        st.stop()
    session.open_link()
    st.html(_STYLE)
    if session.presenting():
        st.html(_PRESENTER_STYLE)
        return
    with st.sidebar:
        for pick in pickers:
            pick()
        st.button(
            "Presenter mode",
            icon=":material/present_to_all:",
            on_click=session.present,
            args=(True,),
            help="Larger type and no sidebar, for a projector.",
        )


def _offer_leaving() -> None:
    if session.presenting():
        st.button(
            "Leave presenter mode",
            type="tertiary",
            icon=":material/close_fullscreen:",
            on_click=session.present,
            args=(False,),
        )


def _tell_link_problems() -> None:
    if problems := session.link_problems():
        st.warning(f"This link asks for {', and '.join(problems)}. The rest of it is shown.")


def target_picker(subject: Subject, prediction: core.Prediction) -> int:
    """The class to explain: one of the five best as a pill, or any by search."""
    best = [guess.index for guess in prediction.top(5)]
    asked = session.target()
    target = best[0] if asked is None else asked
    names = subject.classifier.categories
    # Both widgets show the one choice that the session holds, so it is put into them beforehand.
    st.session_state["target_pill"] = target if target in best else None
    st.session_state["target_search"] = None if target in best else target

    def take(key: str) -> None:
        if (chosen := st.session_state[key]) is not None:
            session.choose_target(chosen)

    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        st.pills(
            "Class to explain",
            best,
            format_func=lambda index: names[index],
            key="target_pill",
            on_change=take,
            args=("target_pill",),
            help="The map shows which pixels the score of this class depends on. "
            "These five are the model's best guesses.",
        )
    with right:
        st.selectbox(
            "Or any other class",
            range(len(names)),
            format_func=lambda index: names[index],
            placeholder=f"Search {len(names):,} classes",
            key="target_search",
            on_change=take,
            args=("target_search",),
            help="A class that the model does not see in the photo has a map too: "
            "it shows what would move that class's score.",
        )
    return target


def sigma_slider() -> float:
    """The smoothing of the maps, where they are not drawn live."""
    sigma: float = st.slider(
        "Smoothing: sigma, in pixels of what the model sees",
        0.0,
        session.MAX_SIGMA,
        step=0.5,
        format="%g",
        help="How far each value of the map is blurred into its neighbours (the standard "
        "deviation of a gaussian). 0 shows the map as computed. It smooths the map, not the photo.",
        **session.bind("sigma", session.DEFAULT_SIGMA),
    )
    return sigma


def case_of(subject: Subject) -> core.Case:
    """What a report of the subject is about."""
    source = subject.source
    return core.Case(
        compute.picture(source),
        source.title,
        source.credit,
        source.digest,
        subject.classifier,
        compute.frame(subject),
        subject.fit,
    )


def offer_report(report: Callable[[], str], archive: Callable[[], bytes], name: Callable[[str], str]) -> None:
    """A report and its data to download; both are made only when asked for, and must not touch Streamlit."""
    st.download_button(
        "Save report (.html)",
        report,
        name("-report.html"),
        "text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One file with the pictures, the numbers and how they were made; prints on two pages.",
    )
    st.download_button(
        "Save data (.zip)",
        archive,
        name("-data.zip"),
        "application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        help="The pictures, the maps as arrays, and a record from which the numbers can be made again.",
    )


def file_name(kind: str, subject: Subject, target: int, ending: str) -> str:
    """A clean file name that says what is inside."""
    photo = subject.source.sample or slug(subject.source.title.rsplit(".", 1)[0])
    return f"{kind}-{photo}-{slug(subject.classifier.categories[target])}{ending}"


def _photo_picker() -> None:
    source = session.source()
    st.markdown("**Photo**")
    gallery(source.sample, on_pick=lambda name: session.choose_source(samples()[name]))
    generation = st.session_state.setdefault("upload_generation", 0)
    st.file_uploader(
        "Or open your own (up to 20 MB)",
        type=["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"],
        key=f"upload_{generation}",
        max_upload_size=MAX_BYTES // 2**20,
        on_change=_take_upload,
        help="JPEG, PNG, WebP, GIF, BMP or TIFF. It stays on the machine that runs this dashboard.",
    )
    if problem := st.session_state.pop("photo_problem", None):
        st.error(problem)
    st.caption(f"{source.title}. {source.credit}" if source.sample else f"Your photo: {as_text(source.title)}")


def _take_upload() -> None:
    """Open an uploaded file; the photo on the table stays if it cannot be opened."""
    generation = st.session_state["upload_generation"]
    upload = st.session_state.get(f"upload_{generation}")
    if upload is None:
        return
    st.session_state["upload_generation"] = generation + 1
    data = upload.getvalue()
    chosen = Source("", upload.name, "", hashlib.sha256(data).hexdigest(), data=data)
    try:
        compute.photo(chosen)
    except core.PhotoError as error:
        st.session_state["photo_problem"] = f"“{as_text(upload.name)}”: {error}"
        return
    session.choose_source(chosen)


def _model_picker() -> None:
    st.selectbox(
        "Model",
        list(core.MODELS),
        format_func=lambda name: core.MODELS[name].title,
        **session.bind("model", session.wanted_model()),
        help="  \n".join(f"**{model.title}**: {model.about}" for model in core.MODELS.values()),
    )


def _fit_picker() -> None:
    st.radio(
        "How the photo is fitted",
        core.FITS,
        format_func=FIT_NAMES.__getitem__,
        horizontal=True,
        **session.bind("fit", session.fit()),
        help="The model sees a small square. Cropping is how it was tested, but cuts the edges off; "
        "squashing keeps all of the photo, but distorts it.",
    )


def _ready_classifier(name: str) -> core.Classifier:
    """The model asked for, or, where its weights cannot be had, the one that is always there; and
    one quiet line that says which."""
    problems = compute.unavailable()
    classifier = None
    if name not in problems:
        try:
            _download_weights(name)
            classifier = compute.classifier(name)
        except core.WeightsError as error:
            problems[name] = str(error)
    in_use = classifier or compute.classifier(_FALLBACK)
    with st.container(horizontal=True, vertical_alignment="center"):
        if classifier is not None:
            st.caption(_in_use(in_use), width="content")
        else:
            st.caption(
                f"{_in_use(in_use)} · {core.MODELS[name].title} is not available",
                help=problems[name],
                width="content",
            )
            if st.button("Try again", type="tertiary", icon=":material/refresh:"):
                del problems[name]
                st.rerun()
        _offer_leaving()
    return in_use


def _in_use(classifier: core.Classifier) -> str:
    side = classifier.preset.crop
    return f"Model: **{classifier.title}**, which sees {side} x {side} pixels"


def _download_weights(name: str) -> None:
    url = core.MODELS[name].url
    if url is None or cache_path(url).exists():
        return
    words = f"Getting the weights of {core.MODELS[name].title}, only this once …"
    bar = st.progress(0.0, words)
    try:
        fetch_weights(url, lambda done: bar.progress(done, f"{words} {done:.0%}"))
    finally:
        bar.empty()
