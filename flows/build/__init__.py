"""From the lake to a published warehouse, its verification, and the demo."""
