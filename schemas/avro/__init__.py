"""One Avro schema for each canonical event type."""
