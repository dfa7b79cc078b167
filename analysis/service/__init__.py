"""What stands between a page and the analysis: queue, children, films and results.

It lies in ``analysis/`` because it has no screen: the pages, the command line
(``python -m analysis doctor``) and the machines of a cluster use the same store, spool
and children. It is a package of its own because no stage of the
measuring may know of it; a test holds both borders.

::

    settings    what the host may set
    ids         names that cannot be guessed
    private     folders that nobody else can read
    store       finished results, for a stated time and a total size
    bucket      named bytes behind a URL, the only file that knows fsspec
    urlstore    the store in such a place
    stores      which of the two the settings name
    spool       films on their way, one folder for each server process
    job         one film from upload to result, as it stands on disk
    request     what a child is asked to do
    child       a child process from the server's side
    nursery     where children come from: one always waits with everything loaded
    errand      one film in the hands of one child, from start to end
    sandbox     what a child gives up before it looks at a film
    worker      the child itself, the only one here that loads the analysis
    line        who waits, who may join, how long it takes
    keeper      what stays of a job when it is over
    machines    where children run: here, or
    cluster     on the workers of a Dask scheduler, the only file that knows Dask
    dispatch    gives the jobs in line to machines, and follows them
    runner      all of this, as pages use it
    events      one log line for each thing that happened
    doctor      what is wrong with this machine
"""
