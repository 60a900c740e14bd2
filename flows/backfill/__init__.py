"""The past: what is missing, in which chunks it is asked, the thin flow over them, and what could not be had."""
