"""Housekeeping of a home: compaction, packing, pruning. It changes files, never facts."""
