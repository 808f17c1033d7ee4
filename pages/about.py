"""What the pictures are, how they are made, and what they do not show."""

import streamlit as st

import saliency_core as core
from pages.ui.samples import samples
from pages.ui.widgets import open_text
from saliency_core.figures import COLOUR_MAPS
from saliency_core.smoothing import CLIPPED_SHARE
from saliency_core.verdict import CHANCE, LARGE_LOSS, LEAST_BELIEF

open_text("About", "What these pages show, how it is computed, and what it does not tell.")

st.subheader("What a saliency map is", anchor=False)
st.markdown(
    "A classifier turns a photo into one score per class. A saliency map asks of every pixel: if it changed a "
    "little, how far would the score of this class move? Bright means far, dark means hardly."
)
st.latex(r"M_{ij} = \max_{c} \left| \frac{\partial S_k(I)}{\partial I_{ijc}} \right|")
st.markdown(
    "Here $S_k$ is the score (*logit*) of class $k$ before it becomes a probability, $I$ the photo as the model "
    "takes it in, and $c$ runs over red, green and blue. This is the definition of Simonyan, Vedaldi and Zisserman, "
    "[*Deep Inside Convolutional Networks*](https://arxiv.org/abs/1312.6034) (2013); Captum computes it."
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
    f"It hides a region and asks again. The answer *relies on the region* if less than {LARGE_LOSS:.0%} of its "
    f"probability is left and at most {CHANCE:.0%} of random regions of the same shape take as much. It *stays* "
    f"if more than that is left, and the region alone is not enough; since that holds for most small "
    f"regions, it does not say what the answer rests on. A class with less than "
    f"{LEAST_BELIEF:.0%} to begin with cannot be judged.\n\n"
    "The model has never seen photos with patches on them. A black patch is itself something to look at, so a finding "
    "that changes with the fill says as much about the fill. One photo says nothing about others."
)

st.subheader("Limits of the models", anchor=False)
st.markdown(
    "The models know the 1,000 classes of ImageNet and must name one of them, whatever they are shown: a hedgehog "
    "becomes a porcupine. Their probabilities are how sure they are, not how often they are right. What they learnt "
    "comes from photos of the 2000s, found on the web."
)
for model in core.MODELS.values():
    st.markdown(f"- **{model.title}**: {model.about}")
st.markdown(
    "Maps alone gave people little help in predicting what a model does "
    "([Alqaraawi and others, 2020](https://arxiv.org/abs/2002.00772)); some methods give much the same map for a model "
    "with random weights ([Adebayo and others, 2018](https://arxiv.org/abs/1810.03292)). Look, and then test."
)

st.subheader("Photos", anchor=False)
st.table([{"Photo": each.title, "By and licence": each.credit} for each in samples().values()], hide_index=True)
st.caption("Photos that you open stay on the machine that runs this dashboard.")
