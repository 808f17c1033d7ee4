"""How fast the dashboard is, as ratios to what its libraries take by themselves: python -m benchmarks

Times of a noisy machine mean little by themselves. Ours and each baseline therefore take turns in one
process, ratios are taken within each turn, and the median and the quartiles of both are told.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is loaded, as the dashboard does
