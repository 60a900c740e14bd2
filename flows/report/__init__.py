"""Reports of sessions written under a home: which session, which files, the folder as a site."""
