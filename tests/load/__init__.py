"""Many visitors at once: a client without a browser, and the figures it takes."""
