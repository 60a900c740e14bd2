"""Finished warehouses: files of builds, the link to the current one, the record of each. Nothing here runs SQL models."""
