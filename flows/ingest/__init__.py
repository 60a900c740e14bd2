"""From payloads to facts: stored, parsed, checked, committed, accounted for. Nothing is asked of the network here."""
