"""Pure rules of the backbone: no broker, no network, no clock, no environment."""
