"""Where the rows come from: one file a provider, bytes in, rows of a contract out."""
