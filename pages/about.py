"""What the pictures are, how they are made, and what they do not show."""

import streamlit as st

from pages.ui.samples import samples
from pages.ui.shell import open_text
from pages.ui.words import as_text
from saliency_core.methods.method import Method
from saliency_core.methods.registry import DEFAULT_METHOD, methods
from saliency_core.methods.smoothing import CLIPPED_SHARE
from saliency_core.models.class_names import imagenet_categories
from saliency_core.models.model import BrokenModel
from saliency_core.models.registry import all_models
from saliency_core.presentation.colours import COLOUR_MAPS
from saliency_core.presentation.rule import EFFECTS, LIMITS, RULE
from saliency_core.text import begin


def _cite(method: Method) -> str:
    """Where a method was published, as Markdown."""
    return f"[{as_text(method.reference)}]({method.url})" if method.url.startswith("https://") else method.reference


open_text("About", "What these pages show, how it is computed, and what it does not tell.")

st.subheader("What a saliency map is", anchor=False)
st.markdown(
    "A classifier turns a photo into one score per class. A saliency map asks of every pixel: if it changed a "
    "little, how far would the score of this class move? Bright means far, dark means hardly."
)
st.container(key="formula").latex(r"M_{ij} = \max_{c} \left| \frac{\partial S_k(I)}{\partial I_{ijc}} \right|")
st.markdown(
    "Here $S_k$ is the score (*logit*) of class $k$ before it becomes a probability, $I$ the photo as the model "
    "takes it in, and $c$ runs over red, green and blue. This is the definition of Simonyan, Vedaldi and Zisserman, "
    "[*Deep Inside Convolutional Networks*](https://arxiv.org/abs/1312.6034) (2013); Captum computes it."
)

st.markdown(
    "That is the gradient, which the tour and the pages begin with. Other methods ask otherwise:\n\n"
    + "\n".join(
        f"- **{begin(each.title)}** ({_cite(each)}): {as_text(' '.join(filter(None, (each.sentence, each.warning))))}"
        for each in methods()
        if each.key != DEFAULT_METHOD
    )
)

st.subheader("What sigma does", anchor=False)
st.markdown(
    "The raw map is a scatter of dots. A gaussian of standard deviation sigma, in pixels of the square that the "
    "model sees, blurs the map (not the photo) so that people can read it. Sigma 0 is the map as computed; the larger "
    "the sigma, the less the map says about where exactly. This is not *SmoothGrad*, which averages over noisy photos."
)
st.markdown(
    f"A colour bar ends where the brightest {CLIPPED_SHARE:.1%} of a map's pixels begin, since single pixels would "
    f"otherwise turn all the rest black. The {len(COLOUR_MAPS)} colour maps on offer are perceptually uniform and can "
    "be told apart with colour-blind eyes and in grey print."
)

st.subheader("What the masking experiment shows, and what it does not", anchor=False)
st.markdown(
    "It hides a part and asks again, and once more with nothing but the part left; then it does the same to random "
    f"places of its shape. {EFFECTS} Findings:\n\n"
    + "\n".join(f"- *{begin(claim.value)}*: {when}." for claim, when in RULE)
    + "\n\n"
    + " ".join(LIMITS)
    + " A finding that changes with the fill says as much about the fill."
)

st.subheader("Limits of the models", anchor=False)
st.markdown(
    "A model names one of the classes that it has learnt, whatever it is shown: one that has learnt no hedgehog calls "
    "it a porcupine, say. Its probabilities are how sure it is, not how often it is right."
)
imagenet_known = False
for model in all_models().values():
    if isinstance(model, BrokenModel):
        continue
    names, side = model.categories(), model.preset.crop
    of_imagenet = tuple(names) == imagenet_categories()
    imagenet_known |= of_imagenet
    count = f"{len(names):,} {'class' if len(names) == 1 else 'classes'}{' of ImageNet' if of_imagenet else ''}"
    st.markdown(f"- **{as_text(model.title)}** ({count}, {side} x {side} pixels): {as_text(model.about)}")
if imagenet_known:
    st.markdown("ImageNet's photos are of the 2000s and were found on the web.")
st.markdown(
    "Maps alone gave people little help in predicting what a model does "
    "([Alqaraawi and others, 2020](https://arxiv.org/abs/2002.00772)); some methods give much the same map for a model "
    "with random weights ([Adebayo and others, 2018](https://arxiv.org/abs/1810.03292)). Look, and then test."
)

st.subheader("Photos", anchor=False)
st.table([{"Photo": each.title, "By and licence": each.credit} for each in samples().values()], hide_index=True)
st.caption("Photos that you open stay on the machine that runs this dashboard.")
