"""Two Bowls without a screen: from a film of a squat to a report.

The modules follow the way of the data::

    video -> pose -> angles, view, outline -> reps -> wink -> report

``pipeline`` strings them together, ``cli`` is the command line over it.
Nothing in this package knows of Streamlit.
"""

import os

# Before numpy loads: its matrices are small here, and threads of the linear algebra would
# only wait for cores on which films are decoded (12 times as long where two films run).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
