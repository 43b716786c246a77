"""The way of a study, stage by stage; a later stage may call an earlier one, never the reverse."""

STAGES = (
    "agreement",
    "patient",
    "case",
    "archive",
    "reception",
    "referral",
    "allocation",
    "reading",
    "reporting",
    "escalation",
    "delivery",
    "review",
)
