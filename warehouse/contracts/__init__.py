"""The datasets of the lake, each declared once: columns, keys, units, rules. No I/O here."""
