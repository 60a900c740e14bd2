"""One file a source, and nothing else: a module here is a source. What they share lies in `sources/parsing`."""
