"""The spine of the product - cases, reads, clocks and the story of each."""
