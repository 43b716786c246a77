"""Training: everybody of the provider by subject, administrators and directors included."""
