"""The bytes that sources answered, by their SHA-256. Nothing here parses them."""
