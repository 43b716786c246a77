"""Pages of agreements: what holds and what held, and the changes of it."""

from overread.journey.agreement.pages.changing import approve, change, proposal, send_back, withdraw
from overread.journey.agreement.pages.reading import detail, history, listing

__all__ = ["approve", "change", "detail", "history", "listing", "proposal", "send_back", "withdraw"]
