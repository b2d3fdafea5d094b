"""A fleet in five programs: two gateways, an HTTP API, a billing worker, and stations to try it with."""
