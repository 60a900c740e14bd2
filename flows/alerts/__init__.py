"""Who is told of a run that needs attention: what is said, to whom, and what is still to be sent. No alert changes a run."""
