"""How fast the dashboard is, as ratios to what its libraries take by themselves: python -m benchmarks

Times of a noisy machine mean little by themselves. Ours and each baseline therefore take turns in one
process, ratios are taken within each turn, and the median and the quartiles of both are told.
"""

import pages.ui  # noqa: F401  (says how torch is to be run, before it is loaded)
