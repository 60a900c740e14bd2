"""A dataset from its sources: who is asked, in which order, and what is missing. Nothing is committed here."""
