"""The report in headless Chromium: `make browser` runs these, and installs what they need of the system."""
