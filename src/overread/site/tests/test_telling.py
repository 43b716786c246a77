"""The timeline has words for everything that later stages do."""

from overread.foundation.ui.icons import known_icon
from overread.foundation.work.action import ACTIONS
from overread.journey.case.rules import TOLD, told
from overread.site import telling, wiring

STAGES = ("allocation", "delivery", "escalation", "reading", "referral", "report")


def test_every_verb_of_a_later_stage_has_words() -> None:
    """No verb of allocation, reading, reporting, alerts or delivery is shown as its bare machine name."""
    assert wiring.SCOPE_OPENERS
    verbs = {v for v in ACTIONS if v.partition(".")[0] in STAGES}
    assert verbs
    assert sorted(verbs - set(telling.WORDS)) == []


def test_words_hold_with_and_without_their_facts_and_icons_exist() -> None:
    """Every telling can be written with facts or without any, and its icon is in the sprite."""
    facts: dict[str, object] = {"sha256": "ab" * 32, "images": "cd" * 32, "kind": "final", "number": 1}
    for words in [*telling.WORDS.values(), *TOLD.values()]:
        assert told(words, {})[0]
        assert told(words, facts)[0]
        assert known_icon(words.icon) == words.icon
