"""What all tests stand on: the database they run on, how they are named, and how they say that they did not run."""
