"""One folder for each source system; `connectors.registry` finds them."""
