"""The operations of the JSON interface: a client's token lets in, and no session does.

What each answers to another client's token, to a revoked or expired one and to one of another scope is asked in
tests/interface/test_walls.py.
"""

TOKEN = "token"

API_ROWS = {
    "api-document": ("GET", "open"),
    "api:me": ("GET", TOKEN),
    "api:changes": ("GET", TOKEN),
}
