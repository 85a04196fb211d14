"""The local stack: Kafka, Apicurio Registry and an MQTT broker without Docker or packages."""
