"""Where the outside comes in: connector runtime, webhook receiver, file import."""
