"""Policies: what the provider has decided to do, who approved it, who has read it, and when it is looked at again."""
