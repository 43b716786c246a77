"""What every operation of the JSON interface shares: whose token it is, plain refusals, pages, retries, and what changed."""
