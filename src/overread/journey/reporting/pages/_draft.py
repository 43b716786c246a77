"""What the pages of a draft share: the read, facts besides the text, first words, checks. Not for other areas."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound
from overread.journey.case import queries as cases
from overread.journey.case.rules import Role, teeth_words
from overread.journey.referral import queries as referrals
from overread.journey.reporting import queries
from overread.journey.reporting.rules import CaseFacts, Level, check, open_checks


def actor_of(request: HttpRequest) -> Actor:
    """Who acts."""
    return request.actor  # type: ignore[attr-defined]


def person_id_of(request: HttpRequest) -> UUID:
    """Whose session it is."""
    return request.person_view.id  # type: ignore[attr-defined]


def read_and_case(read_id: UUID) -> tuple[cases.ReadView, cases.CaseView]:
    """A read in scope and its case."""
    read = cases.read(read_id)
    case = cases.case(read.case_id) if read else None
    if read is None or case is None:
        raise NotFound
    return read, case


def _original_words(case: cases.CaseView) -> str:
    original = referrals.original_of(case.referral_id) if case.referral_id else None
    if original is None:
        return ""
    ours = queries.latest(original.case_id) if original.case_id else None
    if ours is not None:
        return f"{ours.title} {ours.facts.get('case', '')}, version {ours.number}, {ours.signed_by_words}."
    return f"{original.source_words}." if original.source_words else "No report came with the images."


def _dental_words(case: cases.CaseView) -> tuple[str, str]:
    """What a dental referral says of question and volume."""
    dental = referrals.dental_of(case.referral_id) if case.referral_id else None
    if dental is None:
        return "", ""
    asked = f"{dental.purpose_words}" + (f", teeth {teeth_words(dental.teeth)}" if dental.teeth else "")
    made = [dental.region_words, f"field of view {dental.field_words}", dental.scanner]
    made += [f"voxel {dental.voxel_mm:g} mm"] if dental.voxel_mm else []
    made += [f"dose {dental.dose_mgycm2:g} mGy cm²"] if dental.dose_mgycm2 else []
    return f"{asked}. ", ", ".join(part for part in made if part)


def first_sections(read_id: UUID) -> dict[str, str]:
    """What a draft begins with: the question asked, the technique and comparison that the images tell."""
    read, case = read_and_case(read_id)
    studies = cases.studies_of(read.case_id)
    now = [s for s in studies if s.role == Role.CURRENT]
    priors = [s for s in studies if s.role == Role.PRIOR]
    technique = "; ".join(f"{s.description or s.modalities}, {s.image_count} images" for s in now)
    compared = "; ".join(f"{s.description or s.modalities}, {s.study_date:%d %b %Y}" for s in priors if s.study_date)
    asked, made = _dental_words(case)
    return {
        "indication": f"{asked}{case.question}",
        "question": f"{asked}{case.question}",
        "original": _original_words(case),
        "technique": f"{made}; {technique}" if made else technique,
        "comparison": compared or "No earlier images were available.",
        "limitations": "None.",
    }


def checks_context(draft: queries.DraftView, facts: CaseFacts) -> dict[str, Any]:
    """The checks with their answers, and how many stand open."""
    checks = check(draft.sections, facts)
    left = open_checks(checks, draft.answers)
    rows = [(c, draft.answers.get(c.code, ""), c in left) for c in checks]
    blocks = [c for c in left if c.level is Level.BLOCK]
    return {"checks": rows, "blocks": len(blocks), "asks": len(left) - len(blocks), "ready": not left}
