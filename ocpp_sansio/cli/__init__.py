"""What people run: `python -m ocpp_sansio demo`, `check` and `fuzz`. Nothing else imports it."""
