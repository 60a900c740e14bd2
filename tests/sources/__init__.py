"""Parsers, formats and the client, on small payloads of the vendors' structure."""
