"""The organisations that send work, their sites, and the keys by which their machines are known."""
