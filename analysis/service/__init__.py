"""What stands between a page and the analysis: queue, children, films and results.

It lies in ``analysis/`` because it has no screen: the pages, the command line
(``python -m analysis doctor``) and whatever runs on a second machine later use the
same store, spool and runner. It is a package of its own because no stage of the
measuring may know of it; a test holds both borders.

::

    settings    what the host may set
    ids         names that cannot be guessed
    private     folders that nobody else can read
    store       finished results, for a stated time and a total size
    spool       films on their way, one folder for each server process
    job         one film from upload to result, as it stands on disk
    request     what a child is asked to do
    child       a child process from the server's side
    sandbox     what a child gives up before it looks at a film
    worker      the child itself, the only one here that loads the analysis
    line        who waits, who may join, how long it takes
    keeper      what stays of a job when it is over
    runner      the queue, and the children that work it off
    events      one log line for each thing that happened
    doctor      what is wrong with this machine
"""
