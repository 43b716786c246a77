"""A quarter of the model provider's work, played through the real verbs under a clock that is moved (`overread simulate`)."""
