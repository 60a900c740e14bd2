"""What the project is held to."""
