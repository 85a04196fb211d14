"""Kafka and schema-registry plumbing shared by every part that talks to a broker."""
