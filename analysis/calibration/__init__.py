"""The instrument behind the estimator: rendered lifters whose joints are known.

Bodies, clothes, movement, rooms, cameras and film are drawn at random, each a
pure function of (split, index), and rendered with software OpenGL::

    assets -> body, outfit -> sample -> motion -> camera, scene -> render -> film
                                                    truth -> one JSON per clip

``python -m analysis.calibration`` is the command line; README.md tells the rest.
Nothing of this is needed when a film is analysed.
"""
