"""Two Bowls without a screen: from a film of a squat to a report.

The modules follow the way of the data::

    video -> pose -> angles, view, outline -> reps -> wink -> report

``pipeline`` strings them together, ``cli`` is the command line over it.
Nothing in this package knows of Streamlit.
"""

__version__ = "0.1.0"
