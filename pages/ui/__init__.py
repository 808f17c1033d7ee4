"""What the dashboard's pages share; importing any of it first says how torch is to be run."""

import os

# Read when torch is loaded: its threads then sleep, rather than spin, while they wait for each other.
# Beside one other busy process that was measured to be several times faster.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
