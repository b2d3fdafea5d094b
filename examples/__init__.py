"""Programs to read and to run, each on its own; a package only so that tests can import parts of them."""
