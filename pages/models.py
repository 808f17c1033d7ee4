"""The models there are, what was found when they were examined, and a way to add one's own."""

import streamlit as st

from pages.ui import owner, session
from pages.ui.adding import add_model
from pages.ui.model_cards import show_card
from pages.ui.shell import open_text
from saliency_core.models.registry import all_models

open_text("Models", "Which models can be asked, and what was found when they were examined.")
if owner.may(owner.ADD_MODELS):
    if st.toggle("Add a model of your own", **session.kept("adding", False)):
        add_model()
        st.divider()
else:
    st.info(
        "Models are added here by whoever sits at the machine that runs this dashboard. Its owner can declare them in "
        f"models.toml, or let everybody add them by setting {owner.ADD_MODELS}=1.",
        icon=":material/lock:",
    )
columns = st.columns(2)
for place, (name, model) in enumerate(all_models().items()):
    with columns[place % 2]:
        show_card(name, model)
