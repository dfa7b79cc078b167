"""Mutated films and photos through the real worker.

    python -m tests.fuzz [CASES] [--first N] [--traced N]

The seeds are small films of every container and codec that is taken, and photos,
made by `seeds` from a formula; each case is one seed, changed in a way that its
number decides, so that a case that fails is made again by its number.
"""
