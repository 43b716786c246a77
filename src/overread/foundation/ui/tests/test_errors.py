"""Error pages: plain words, no database, no person, a notice for parts of pages."""

import pytest
from django.test import RequestFactory

from overread.foundation.ui import errors


@pytest.mark.parametrize("status", sorted(errors.ERRORS))
def test_every_error_says_what_happened_and_how_to_go_on(status: int) -> None:
    """Each error page has a title, says what it means and leads on; it keeps its status and is never stored."""
    answer = errors.error_page(RequestFactory().get("/"), status)
    html = answer.content.decode()
    assert answer.status_code == status
    assert errors.ERRORS[status].title in html
    assert "<h1" in html
    assert 'href="/"' in html
    assert answer["Cache-Control"] == "no-store"
    assert ("Reference" in html) == (status >= 500)


def test_a_part_of_a_page_gets_a_notice() -> None:
    """A failed part does not put a whole page into a page."""
    request = RequestFactory().get("/", headers={"hx-request": "true"})
    html = errors.error_page(request, 409, message="Dr Fennimore has <b>claimed</b> it").content.decode()
    assert "<html" not in html
    assert "or-note" in html
    assert "&lt;b&gt;claimed" in html


def test_the_handlers_answer_with_their_own_status() -> None:
    """The pages that Django calls by itself, also when a form had gone stale."""
    request = RequestFactory().get("/")
    answers = [
        errors.bad_request(request),
        errors.not_allowed(request),
        errors.not_found(request),
        errors.server_error(request),
    ]
    assert [a.status_code for a in answers] == [400, 403, 404, 500]
    assert "gone stale" in errors.csrf_failure(request).content.decode()


def test_a_fault_can_be_found_in_the_log_and_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The reference on the page stands in the log with the kind of fault and its place, but not with its message."""
    try:
        raise KeyError("QUILLFEATHER, Osric")
    except KeyError:
        html = errors.server_error(RequestFactory().get("/a/secret-token/")).content.decode()
    record = vars(caplog.records[-1])
    assert record["msg"] == "page failed"
    assert record["reference"] in html
    assert record["error"].startswith("KeyError\n")
    assert "test_errors.py:" in record["error"]
    assert "QUILLFEATHER" not in record["error"]
    assert "QUILLFEATHER" not in caplog.text
    assert "secret-token" not in caplog.text
