"""Method and what lets in, of the routes of peer review."""

REVIEW_ROWS: dict[str, tuple[str, str]] = {
    "review:list": ("GET", "worklist.read"),
    "review:one": ("GET", "worklist.read"),
    "review:judge": ("POST", "read.claim"),
    "review:reflect": ("POST", "report.sign"),
    "review:route": ("POST", "governance.approve"),
    "review:draw": ("GET", "governance.approve"),
    "review:profile": ("GET", "worklist.read"),
    "review:bundle": ("GET", "governance.approve"),
    "review:outside": ("GET", "review.external"),
    "review:outside_one": ("GET", "review.external"),
    "review:outside_images": ("GET", "review.external"),
    **{f"appointments:{page}": ("GET", "governance.see") for page in ("list", "export", "entry", "history")},
    **{f"appointments:{page}": ("GET", "governance.approve") for page in ("new", "import", "change", "end")},
}
