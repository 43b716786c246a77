"""A demonstration installation: generated patients, studies and the people who work on them."""
