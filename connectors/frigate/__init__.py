"""Frigate NVR: objects, camera health and availability over MQTT."""
