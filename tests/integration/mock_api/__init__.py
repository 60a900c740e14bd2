"""The mocked APIs, asked by the real adapters."""
