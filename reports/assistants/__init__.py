"""The warehouse for assistants: tools over MCP, each answer with its session, build, unit, coverage and proof. Reads only."""
