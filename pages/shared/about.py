"""The sentences of the About page: plain, short and kind, and never a diagnosis."""

from typing import Final

from analysis.service.settings import Settings
from pages.shared import words

WHAT_A_WINK_IS: Final = """
Think of your ribcage and your pelvis as two bowls, one stacked on the other. In a steady squat
they stay about parallel. A **butt wink** is the lower bowl tipping under the upper one near the
bottom: the tailbone tucks and the lower back rounds, and on the way up it comes back. This app
measures the angle between the two bowls, compared with how you stand in the same clip.
"""

TRUE_OR_NOT: Final = """
Two things look much the same from outside:

- **A true wink** goes past neutral: the lower back bends further than flat.
- **Arched to neutral** starts from an arched back, as many lifters stand, and ends flat. That is
  not a wink, though holding the arch steadier can be worth training.

The app tells them apart by how you stand in the first second, where the film shows it. Move the
slider above with each of the three to see the difference.

A spine is meant to move. A wink does not mean that something is broken or bound to get hurt;
with weight on your back it gives force away and asks more of the lower back. So: nothing to
fear, and nothing to ignore. What matters most is **where it starts**. Well above parallel is
worth your work; at parallel or just below it, stopping a little higher is enough for now.
"""

NOT_THE_CAUSE: Final = """
- **Tight hamstrings.** They cross hip and knee, and both bend in a squat: what they gain at one
  end they lose at the other, so that their length hardly changes.
- **Tight hip flexors.** They get shorter on the way down, so that they cannot be what pulls.

Stretching these two will not move a wink.
"""

MAY_BE_THE_CAUSE: Final = """
A film shows when and how much; why is for testing, one thing at a time:

1. **A trunk that does not hold its pressure**, ribs to hips. Test: a slow squat without weight,
   braced all the way to the bottom. If the wink is gone there, it comes with weight or speed.
2. **A lower back that is weaker than the front.** It gets stronger in the squat itself, at a
   depth and a weight where it stays steady.
3. **Too little ankle.** Out of room at the ankle, the body finds it in the back. Test: with the
   heel down, how far does the knee pass the toes? Four to five inches (10 to 13 cm) is good,
   most manage with three and a half (9 cm), and it is a matter of your build. A slightly wider
   stance or toes turned out may give the room. Studies do not agree on ankles: try it, and see.
4. **Going deeper than you can hold today.** Nobody has to go all the way down with weight.

So the ways out are: less weight, another stance, or stopping just above the place where it
starts while you train what you found.
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
clip to the next mean little; the page Compare says for each pair what is more than the error.
"""

NOT_MEDICAL: Final = (
    "This is a measurement of a film. It is not medical advice and not a diagnosis. If your back "
    "hurts, please see someone who can examine you."
)


def privacy(settings: Settings) -> tuple[str, ...]:
    """List what becomes of what a visitor gives to this server."""
    return (
        words.privacy(settings),
        "The film itself never leaves this server. Names of files, pictures and poses are not "
        "written into its log, and there are no statistics about visitors.",
        f"A link that you make to show a result works for {words.span(settings.share_s)}, shows "
        "that one result, and is deleted by its button. Without the button nothing is shown to "
        "anybody.",
        "What you say about a set stays with its result. Files that you load on Compare are read "
        "for your visit and not kept.",
        "MediaPipe, the part that finds the joints, would ask the network for an address of its "
        "maker to send figures about its use. Here it runs without a network.",
    )
