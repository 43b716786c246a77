"""The operations of the JSON interface: a client's token lets in, and no session does.

What each answers to another client's token, to a revoked or expired one and to one of another scope is asked in
tests/interface/test_walls.py.
"""

TOKEN = "token"

_READ = (
    "me",
    "changes",
    "referrals",
    "referral",
    "questions",
    "question",
    "cases",
    "case",
    "reports",
    "report",
    "report-pdf",
    "alerts",
    "alert",
)
_SENT = (
    "referrals-send",
    "referrals-send-documents",
    "referrals-find",
    "question-answer",
    "studies-find",
    "cases-find",
)
API_ROWS = {
    "api-document": ("GET", "open"),
    **{f"api:{name}": ("GET", TOKEN) for name in _READ},
    **{f"api:{name}": ("POST", TOKEN) for name in _SENT},
}
