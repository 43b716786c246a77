"""What lets in at the pages that every register has, by the name of the route."""


def _rows(
    *names: str, see: str = "governance.see", manage: str = "governance.manage", ends: bool = False
) -> dict[str, tuple[str, str]]:
    pages = ("new", "import", "change", *(("end",) if ends else ()))
    read = {f"{n}:{page}": ("GET", see) for n in names for page in ("list", "export", "entry", "history")}
    write = {f"{n}:{page}": ("GET", manage) for n in names for page in pages}
    return {name: row for name, row in (read | write).items() if name != "incidents:new"}


def _sheet_rows(area: str, *kinds: str, see: str) -> dict[str, tuple[str, str]]:
    read = {f"{area}:{kind}:export": ("GET", see) for kind in kinds}
    return read | {f"{area}:{kind}:import": ("GET", "governance.manage") for kind in kinds}


PAPERS_OF_READERS = ("registration", "privilege", "indemnity", "dbs", "appraisal", "revalidation")

REGISTER_ROWS = {
    **_rows("training", "policies", "risks", ends=True),
    **_rows("posts", see="people.file", manage="people.file"),
    **_rows("papers", see="people.file", manage="people.file", ends=True),
    **_rows("complaints", "findings", "improvements", "incidents"),
    **_sheet_rows("credentials", *PAPERS_OF_READERS, see="governance.manage"),
    **_sheet_rows("equipment", "workstation", "display", see="governance.see"),
}
