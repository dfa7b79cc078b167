"""What stands between a page and the analysis: queue, children, films and results.

It lies in ``analysis/`` because it has no screen: the pages, the command line
(``python -m analysis doctor``) and whatever runs on a second machine later use the
same store, spool and runner. It is a package of its own because no stage of the
measuring may know of it; a test holds both borders.
"""
