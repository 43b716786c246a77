"""Reports: the draft, the checks before signing, signed versions that never change, and their documents."""
