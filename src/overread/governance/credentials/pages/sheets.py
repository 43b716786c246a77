"""The register of readers as files, one for each kind of paper: out, and in after a look at every line."""

from functools import partial
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.clients import queries as clients
from overread.foundation.registers.register import sheet_of
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.governance.credentials import actions, queries
from overread.governance.credentials.pages.recording import record as record_values
from overread.governance.credentials.rules import COLUMNS

# What one is called, what several are called, and the letters before its reference.
WORDS = {
    "registration": ("register entry", "register entries of readers", "REG"),
    "privilege": ("privilege", "privileges", "PRV"),
    "indemnity": ("indemnity", "certificates of indemnity", "IND"),
    "dbs": ("DBS check", "DBS checks", "DBS"),
    "appraisal": ("appraisal", "appraisals", "APP"),
    "revalidation": ("revalidation", "revalidations", "REV"),
}


def _client(code: str) -> str:
    found = clients.client_by_code(code) if code else None
    if code and found is None:
        raise BadInput("There is no such client.", errors={"for_client": "Write a client's code, or nothing for all."})
    return str(found.id) if found else ""


def _take(what: str, actor: Actor, values: dict[str, Any], key: UUID | None) -> UUID:
    """One line of a file, by the verb of its kind; the verb says for itself when it holds and who may not."""
    person_id = values.pop("person")
    reader = accounts.person(person_id)
    if reader is None or reader.is_client_side:
        raise BadInput("This line names nobody of ours.", errors={"person": "Write the e-mail of one of our people."})
    if key is not None and queries.person_of(key) != person_id:
        said = "It is somebody else's. Leave the reference empty to add it to this reader."
        raise BadInput("This line names another reader.", errors={"person": said})
    if what == "privilege":
        values["for_client"] = _client(values["for_client"])
    return record_values(what, actor, person_id, values, key)


SHEETS = {
    what: sheet_of(
        name=f"credentials:{what}",
        words=words,
        fields=COLUMNS[what],
        read=partial(queries.things, what),
        take=partial(_take, what),
        permissions=("governance.manage", "governance.manage"),
        list_url="credentials:register",
        together=actions.FOLLOWING.once,
    )
    for what, words in WORDS.items()
}
