"""Housekeeping that a user or a schedule asks for."""
