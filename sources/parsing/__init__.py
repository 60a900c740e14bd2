"""From a vendor's bytes to clean values: documents, values, rows, finality, publication times. Pure functions, no I/O."""
