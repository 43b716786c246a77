"""Pure decisions of peer review: sample, grades, steps, names taken out, and what small numbers can say."""
