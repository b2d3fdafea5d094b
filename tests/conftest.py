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
# For long runs, with other examples each time: pytest --hypothesis-profile=soak
settings.register_profile(
    "soak", settings.get_profile("ocpp"), derandomize=False, max_examples=20_000, print_blob=True
)
settings.load_profile("ocpp")
