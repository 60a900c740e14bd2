"""The daily run: its steps as plain functions, and the thin flow over them."""
