"""Thin Prefect flows over plain functions, and the command line."""
