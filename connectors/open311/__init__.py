"""Open311 GeoReport v2: service requests of any city that offers the standard, polled."""
