"""The first hour of a new user: the wheel in an environment of its own, files as sites export them, and mistakes."""
