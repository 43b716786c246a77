"""Reads of cases: the case itself, the one row of every worklist, the search, and the story of one case."""

from overread.journey.case.queries.banner import banner
from overread.journey.case.queries.cards import ReadCard, read_card, read_cards
from overread.journey.case.queries.cases import (
    CaseStudyView,
    CaseView,
    ClockView,
    PauseView,
    ReadView,
    case,
    case_for_referral,
    cases,
    cases_of_patient,
    cases_of_study,
    clocks_of,
    counts_by_state,
    pauses_of,
    read,
    reads_of,
    studies_in_any_case,
    studies_of,
    studies_with_case,
)
from overread.journey.case.queries.search import CaseRow, CaseSearch, search
from overread.journey.case.queries.story import Line, register_words, story, telling

__all__ = [
    "CaseRow",
    "CaseSearch",
    "CaseStudyView",
    "CaseView",
    "ClockView",
    "Line",
    "PauseView",
    "ReadCard",
    "ReadView",
    "banner",
    "case",
    "case_for_referral",
    "cases",
    "cases_of_patient",
    "cases_of_study",
    "clocks_of",
    "counts_by_state",
    "pauses_of",
    "read",
    "read_card",
    "read_cards",
    "reads_of",
    "register_words",
    "search",
    "story",
    "studies_in_any_case",
    "studies_of",
    "studies_with_case",
    "telling",
]
