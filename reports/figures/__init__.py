"""One resolver for people, fact checks and assistants: (entity, measure, session) to one cell of the warehouse.

Reads a published build, never the lake; guesses nothing.
"""
