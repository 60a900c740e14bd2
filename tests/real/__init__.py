"""The real market beside the project, where it is there."""
