"""Several packages at work together, on real files and processes."""
