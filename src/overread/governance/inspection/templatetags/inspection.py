"""Filters of the pages of inspection: a cell of evidence as people read it."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template

from overread.foundation.ui.rules import when_words

register = template.Library()


@register.filter
def cell(value: Any) -> str:
    """A cell: moments and days in words, yes and no, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return when_words(value)
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    return str(value)


@register.filter
def last_day(moment: datetime) -> datetime:
    """The last moment of a period that ends before this one, so that people read its last day."""
    return moment - timedelta(microseconds=1)


@register.filter
def pluralize_list(listed: str) -> str:
    """An "s" for a list of several, such as "12, 17"."""
    return "s" if "," in listed else ""
