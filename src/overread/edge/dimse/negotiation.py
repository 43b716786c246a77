"""Which presentation contexts are taken: verification and every storage class, in any syntax that can be kept.

The first transfer syntax that the sender proposes and we keep is chosen, so that the sender need not convert.
Deflated and private syntaxes are refused (RELIABILITY 0.6, 6.3).
"""

from pynetdicom import AllStoragePresentationContexts

from overread.edge.dimse.pdu import (
    ABSTRACT_UNKNOWN,
    ACCEPTED,
    SYNTAXES_UNKNOWN,
    AgreedContext,
    ProposedContext,
)
from overread.journey.archive.formats.syntaxes import NATIVE, SUPPORTED

VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
_STORAGE_ROOT = "1.2.840.10008.5.1.4.1.1."
_STORAGE = frozenset(str(context.abstract_syntax) for context in AllStoragePresentationContexts)


def is_storage(abstract: str) -> bool:
    """Whether an abstract syntax is a storage SOP class of the standard: known today, or below its storage root."""
    return abstract in _STORAGE or abstract.startswith(_STORAGE_ROOT)


def agree(proposed: ProposedContext) -> AgreedContext:
    """Our answer to one proposed context."""
    if proposed.abstract == VERIFICATION:
        kept = NATIVE
    elif is_storage(proposed.abstract):
        kept = SUPPORTED
    else:
        return AgreedContext(proposed.id, proposed.abstract, IMPLICIT_LITTLE, ABSTRACT_UNKNOWN)
    for syntax in proposed.syntaxes:
        if syntax in kept:
            return AgreedContext(proposed.id, proposed.abstract, syntax, ACCEPTED)
    return AgreedContext(proposed.id, proposed.abstract, IMPLICIT_LITTLE, SYNTAXES_UNKNOWN)
