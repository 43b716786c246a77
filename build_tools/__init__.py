"""Steps of building and testing Overread; run through the Makefile."""
