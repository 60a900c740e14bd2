"""The lowest layer: settings, contracts, calendar, lake, publishing. Imports none of the others."""
