"""The reading room: the right images with their priors, key images, and what was displayed."""
