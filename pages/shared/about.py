"""The sentences of the About page: plain, short and kind, and never a diagnosis."""

from typing import Final

WHAT_A_WINK_IS: Final = """
Think of your ribcage and your pelvis as two bowls, one stacked on the other. In a steady squat
they stay about parallel. A **butt wink** is the lower bowl tipping under the upper one near the
bottom: the tailbone tucks and the lower back rounds, and on the way up it comes back. This app
measures the angle between the two bowls, compared with how you stand in the same clip.

Many lifters stand with an arched lower back that only comes back to neutral at the bottom. That
looks much the same and is not a wink; the app keeps the two apart where the film allows it.

A spine is meant to move, and a wink does not mean that something is broken. It is a reason to
look where it starts, and to stop a little above that with weight on your back while you find
out what changes it.
"""

ACCURACY_BEFORE: Final = """
Lifters drawn by a computer, whose joints are known exactly, were filmed by a computer too:
bodies, clothes, rooms and cameras that the app had never seen. The table says how far its
report was off, in the mean. *Depth* is the thigh angle at the bottom, *ankle* the largest ankle
angle, the *two-bowls angle* is taken in the deep part of the squat. *Verdict given* is how
often the app did not say "cannot tell", *false winks* how many lifters without a wink were told
that they have one.
"""

ACCURACY_AFTER: Final = """
What the table does not cover: real skin and cloth move more than drawn ones, and real rooms are
messier. No lifter was measured with sensors for it. Differences of less than 5 degrees from one
clip to the next mean little.
"""

NOT_MEDICAL: Final = (
    "This is a measurement of a film. It is not medical advice and not a diagnosis. If your back "
    "hurts, please see someone who can examine you."
)
