"""One profile for every property test: the same examples on every run, and no clock to fail by."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ocpp",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ocpp")
