"""The rules of peer review: the draw, the scales, the steps, and that nobody is ever left without a next step."""

import random
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.review.rules import grades, sample, steps
from overread.journey.review.rules.redact import GONE, redacted
from overread.journey.review.rules.sample import Candidate
from overread.journey.review.rules.steps import Act, Facts, Judged, People

AUTHORS = [UUID(int=n) for n in range(1, 4)]
CANDIDATES = st.lists(
    st.builds(Candidate, st.uuids(), st.sampled_from(AUTHORS), st.sampled_from(["CT", "MR", "CBCT"])),
    max_size=60,
    unique_by=lambda c: c.report_id,
)


@given(CANDIDATES, st.integers(0, 100), st.integers(0, 10), st.randoms())
def test_the_same_seed_draws_the_same_sample_whatever_the_order(
    held: list[Candidate], percent: int, least: int, shuffler: random.Random
) -> None:
    """Anybody who has the seed and the reports draws exactly the recorded sample (REQ-70)."""
    first = sample.drawn("seed", held, percent, least)
    mixed = list(held)
    shuffler.shuffle(mixed)
    assert sample.drawn("seed", mixed, percent, least) == first
    assert sample.digest(mixed) == sample.digest(held)
    if held:
        assert sample.digest(held[1:]) != sample.digest(held)


@given(CANDIDATES, st.integers(0, 100), st.integers(0, 10))
def test_every_author_and_modality_is_drawn_to_its_share(held: list[Candidate], percent: int, least: int) -> None:
    """Each author and modality gives its share, at least so many, or all there are; never a report twice (REQ-70)."""
    chosen = sample.drawn("s", held, percent, least)
    assert len({c.report_id for c in chosen}) == len(chosen)
    for author in AUTHORS:
        for modality in ("CT", "MR", "CBCT"):
            have = [c for c in held if (c.author_id, c.modality) == (author, modality)]
            got = [c for c in chosen if (c.author_id, c.modality) == (author, modality)]
            assert len(got) == min(len(have), max(least, -(-len(have) * percent // 100)))


def test_different_seeds_draw_different_samples() -> None:
    """The sample is not known without the seed: two seeds rarely agree."""
    held = [Candidate(UUID(int=n), AUTHORS[0], "CT") for n in range(100)]
    assert len({sample.drawn(f"s{n}", held, 5, 0) for n in range(20)}) == 20


@given(st.lists(st.sampled_from(AUTHORS), unique=True), st.sampled_from(AUTHORS), st.data())
def test_a_reviewer_is_never_the_author_and_not_always_the_same(
    able: list[UUID], author: UUID, data: st.DataObject
) -> None:
    """The author never reviews; where another is below the allowed share of this author's reviews, they are taken (REQ-71)."""
    counts = data.draw(st.fixed_dictionaries({p: st.integers(0, 20) for p in AUTHORS}))
    pairs = {(p, author): n for p, n in counts.items()}
    one = Candidate(uuid4(), author, "CT")
    found = sample.reviewer_for("s", one, able, pairs, 30)
    others = [p for p in able if p != author]
    assert (found is None) == (not others)
    assert found != author
    if found is not None:
        assert counts[found] == min(counts[p] for p in others)


# Reference values of Wilson's score interval, 95 %, from the formula as Wilson (1927) gave it, worked to four places.
REFERENCE = ((0, 10, 0.0, 0.2775), (1, 20, 0.0089, 0.2361), (5, 10, 0.2366, 0.7634), (10, 100, 0.0552, 0.1744))


@pytest.mark.parametrize(("count", "total", "low", "high"), REFERENCE)
def test_wilson_gives_the_reference_values(count: int, total: int, low: float, high: float) -> None:
    """The interval of a share equals published values to four places."""
    assert grades.wilson(count, total) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_is_wide_for_few(found: tuple[int, int]) -> None:
    """The interval lies within 0 and 1, holds the share, mirrors for the complement, and narrows with more cases."""
    count, total = found
    low, high = grades.wilson(count, total)
    assert 0 <= low <= high <= 1
    mirrored = grades.wilson(total - count, total)
    assert (1 - high, 1 - low) == (pytest.approx(mirrored[0]), pytest.approx(mirrored[1]))
    if total:
        assert low - 1e-12 <= count / total <= high + 1e-12
        more_low, more_high = grades.wilson(4 * count, 4 * total)
        assert more_high - more_low < high - low


def test_the_two_scales_cannot_contradict_each_other() -> None:
    """Every pair of grades is either in the table or refused; both scales mean serious for the same cases (REQ-72)."""
    for uk, _ in grades.UK:
        for radpeer, _ in grades.RADPEER:
            faults = grades.grade_faults(uk, radpeer, "perception", "Seen otherwise")
            assert ("radpeer" in faults) == (radpeer not in grades.PAIRS[uk])
            if not faults:
                assert grades.serious(uk) == radpeer.endswith("b")
    assert grades.grade_faults(5, "1", "", "") == {}
    assert set(grades.grade_faults(3, "2a", "", " ")) == {"cause", "comment"}
    assert "uk" in grades.grade_faults(6, "1", "", "")


READERS = [UUID(int=n) for n in range(1, 4)]
OUTSIDERS = [UUID(int=n) for n in range(10, 13)]
LEAD = UUID(int=99)


def _advance(facts: Facts, step: steps.Step, who: UUID, uk: int, accepts: bool) -> Facts:
    """What is so after a step was done."""
    if step.act in steps.JUDGED:
        judged = dict(facts.judged or {}) | {step.act: Judged(who, uk)}
        return replace(facts, judged=judged)
    if step.act is Act.REFLECT:
        return replace(facts, accepts=accepts)
    return replace(facts, corrected=True)


def _somebody_can_do(step: steps.Step, facts: Facts) -> None:
    """What holds for every step, whoever is there."""
    if step.act is Act.APPOINT:
        assert not step.by
        assert step.before is not None
        return
    assert step.by, "a step that somebody can do"
    if step.act in steps.JUDGED:
        assert facts.author not in step.by
    if step.act is Act.ARBITRATE:
        assert not step.by & {j.by for j in (facts.judged or {}).values()}


@given(luck=st.randoms(use_true_random=False), readers=st.integers(0, 3), outside=st.booleans())
def test_a_review_always_ends_and_nobody_judges_themselves(luck: random.Random, readers: int, outside: bool) -> None:
    """Whoever comes and goes, also when both readers leave: there is always a step somebody can do, and it ends (REQ-73)."""
    author = READERS[0]
    facts = Facts(author, outside)
    here, out = set(READERS[:readers]), {OUTSIDERS[0]}
    for _ in range(60):
        if luck.random() < 0.4:
            here ^= {luck.choice(READERS)}
            out ^= {luck.choice(OUTSIDERS)}
        found = steps.steps(facts, People(frozenset(here), frozenset(out), frozenset({LEAD})))
        if not found:
            break
        for step in found:
            _somebody_can_do(step, facts)
        step = luck.choice(found)
        if step.act is Act.APPOINT:
            out.add(UUID(int=luck.randrange(10**6, 10**9)))  # the manager appoints somebody new
            continue
        facts = _advance(facts, step, luck.choice(sorted(step.by)), luck.choice([1, 2, 4, 5]), luck.random() < 0.5)
    everybody = People(frozenset(READERS), frozenset(OUTSIDERS), frozenset({LEAD}))
    for _ in range(8):
        for step in steps.steps(facts, everybody)[:1]:
            facts = _advance(facts, step, min(step.by), 2, True)
    assert steps.steps(facts, everybody) == ()


def test_two_readers_send_every_arbitration_outside() -> None:
    """With two readers a serious difference is read again here the same day, and a dispute goes to an external reviewer."""
    author, other = READERS[:2]
    two = People(frozenset({author, other}), frozenset({OUTSIDERS[0]}), frozenset({LEAD}))
    first = Facts(author, judged={Act.GRADE: Judged(other, 2)})
    again = [s for s in steps.steps(first, two) if s.act is Act.REREAD]
    assert [(s.by, s.outside) for s in again] == [(frozenset({other}), False)]
    judged = {Act.GRADE: Judged(other, 2), Act.REREAD: Judged(other, 2)}
    disputed = Facts(author, judged=judged, accepts=False)
    (arbitrate,) = steps.steps(disputed, two)
    assert (arbitrate.act, arbitrate.by, arbitrate.outside) == (Act.ARBITRATE, frozenset({OUTSIDERS[0]}), True)
    nobody = People(two.readers, frozenset(), two.leads)
    (appoint,) = steps.steps(disputed, nobody)
    assert (appoint.act, appoint.before) == (Act.APPOINT, Act.ARBITRATE)
    three = People(frozenset(READERS), frozenset(), two.leads)
    assert steps.steps(disputed, three)[0].by == frozenset({READERS[2]})


def test_agreement_ends_a_review_and_a_small_difference_does_too() -> None:
    """Grades 5, 4 and 3 need no further step; 2 and 1 are read again and answered by the author."""
    people = People(frozenset(READERS), frozenset(), frozenset({LEAD}))
    for uk in (5, 4, 3):
        assert steps.steps(Facts(READERS[0], judged={Act.GRADE: Judged(READERS[1], uk)}), people) == ()
    for uk in (2, 1):
        found = steps.steps(Facts(READERS[0], judged={Act.GRADE: Judged(READERS[1], uk)}), people)
        assert {s.act for s in found} == {Act.REREAD, Act.REFLECT}


WORD = st.text("abcdefgxyzABCXYZÄÖÜäöüéèÉłŁ", min_size=2, max_size=12)


@given(st.lists(WORD, min_size=1, max_size=4), WORD, WORD)
def test_known_names_never_survive(names: list[str], before: str, after: str) -> None:
    """Whatever the names are, none of them is left as a word in the text that goes outside."""
    text = redacted(f"{before} {' '.join(names)}, {names[0].upper()}; {after}.", names)
    left = [w.casefold() for w in text.replace(GONE, " ").replace(",", " ").replace(";", " ").rstrip(".").split()]
    assert not {n.casefold() for n in names} & set(left)


def test_numbers_days_titles_and_addresses_are_taken_out() -> None:
    """Numbers that may be identifiers, days, titled names and e-mail addresses go; measurements and findings stay."""
    said = (
        "Compared with CT of 3 March 2026 (RXH123456). NHS 943 476 5919. Discussed with Dr Linnet Farrow at 02/03/2026, "
        "linnet@north.example. Acute left subdural haematoma, 14 mm, shift of 6 mm at L4."
    )
    left = redacted(said, ["Quillfeather^Osric"])
    for gone in ("March", "RXH123456", "943 476", "Farrow", "02/03/2026", "linnet@"):
        assert gone not in left
    assert "Acute left subdural haematoma, 14 mm, shift of 6 mm at L4." in left
