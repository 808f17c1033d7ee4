"""What the dashboard's pages share; importing any of it first says how torch is to be run."""

import os
from pathlib import Path

from pages.ui import allocator

# Read when torch is loaded. While its threads wait for each other they spin for some microseconds, then
# sleep. Sleeping at once made the server's passes take half as long again, and spinning without end takes
# many times as long beside another busy process.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # for runtimes that do not know the first

allocator.set_up()

# The file of declared models lies beside dashboard.py, from wherever that is run.
if (_declared := Path(__file__).parents[2] / "models.toml").exists():
    os.environ.setdefault("SALIENCY_MODELS", str(_declared))
