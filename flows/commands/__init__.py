"""One file a command. The file's name is the command's (a trailing underscore and `_` for `-` apart)."""
