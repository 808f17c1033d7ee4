"""The dashboard as a server runs it: streamlit run deploy/serve.py, from the folder above.

Besides dashboard.py's pages, it loads the first model as it starts and answers /readyz and /metrics.
"""

import sys
from pathlib import Path

from streamlit.starlette import App

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from starlette.middleware import Middleware  # noqa: E402

from pages.ui.serving import ROUTES, Door, begin  # noqa: E402

app = App(ROOT / "dashboard.py", routes=ROUTES, middleware=[Middleware(Door)], lifespan=begin)
