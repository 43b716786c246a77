"""Messages to people: e-mail without patient data."""
