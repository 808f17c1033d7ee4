"""The control distribution as a strip: where a region stands among random ones."""

from html import escape

import numpy as np
import streamlit as st

import saliency_core as core

_STYLE = """<style>
.strip{position:relative;height:5.5rem;border-bottom:2px solid light-dark(#8a979c,#65757b);margin:.4rem 1rem 0}
.strip .dot{position:absolute;width:.6rem;height:.6rem;margin-left:-.3rem;border-radius:50%;
  background:light-dark(#44676f,#8fb3bc);opacity:.7}
.strip .line{position:absolute;top:0;bottom:0;width:0;border-left:3px solid light-dark(#b3261e,#ff8a80)}
.strip .whole{border-left:3px dashed light-dark(#1b2428,#eef3f4)}
.ends{display:flex;justify-content:space-between;margin:.1rem 1rem .2rem;font-size:.85rem}
.key{display:flex;flex-wrap:wrap;gap:1.2rem;margin:.2rem 1rem .8rem;font-size:.9rem}
.key i{display:inline-block;vertical-align:middle;margin-right:.4rem}
.key .d{width:.6rem;height:.6rem;border-radius:50%;background:light-dark(#44676f,#8fb3bc);opacity:.7}
.key .l{width:0;height:1rem;border-left:3px solid light-dark(#b3261e,#ff8a80)}
.key .w{width:0;height:1rem;border-left:3px dashed light-dark(#1b2428,#eef3f4)}
</style>"""


def show_strip(evidence: core.Evidence, label: str) -> None:
    """The random regions as dots on a line of probabilities, with this region and the photo marked."""
    most = max(0.01, evidence.original, evidence.hidden, *evidence.controls)
    jitter = np.random.default_rng(0).uniform(12, 62, len(evidence.controls))
    dots = "".join(
        f'<i class="dot" style="left:{100 * probability / most:.2f}%;top:{top:.0f}%"></i>'
        for probability, top in zip(evidence.controls, jitter, strict=True)
    )
    words = (
        f"Probability of “{label}” with random regions hidden: {len(evidence.controls)} dots. "
        f"With this region hidden: {core.percent(evidence.hidden)}. As it is: {core.percent(evidence.original)}."
    )
    st.html(
        f"""{_STYLE}<div class="strip" role="img" aria-label="{escape(words)}">{dots}
<i class="line whole" style="left:{100 * evidence.original / most:.2f}%"></i>
<i class="line" style="left:{100 * evidence.hidden / most:.2f}%"></i></div>
<div class="ends"><span>0%</span><span>Probability of “{escape(label)}”</span><span>{core.percent(most)}</span></div>
<div class="key"><span><i class="l"></i>your region hidden</span><span><i class="d"></i>a random region hidden</span>
<span><i class="w"></i>nothing hidden</span></div>"""
    )
