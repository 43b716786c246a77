"""The pages in a real browser: passkeys with a virtual authenticator, both themes, accessibility, no inline code."""

import json
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from overread.foundation.accounts import actions, codes, queries
from overread.foundation.accounts.models import WebSession
from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.tests.people import PASSWORD, SEED, enrol, make_person
from overread.foundation.tenancy.scope import Scope, open_scope
from tests.browser import axe_clean, fits, open_page, set_theme, shot

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _empty_cache():
    """Limits of earlier tests do not count here."""
    cache.clear()


def _give_authenticator(page: Any) -> Any:
    """A device with resident keys and a finger that always fits, as Chromium's DevTools protocol makes it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def _link(person_id) -> str:
    with open_scope(Scope.provider(), opened_by="test"):
        return actions.make_enrolment_link(actor=SEED, person_id=person_id).path


def _choose_password(page: Any, address: str) -> None:
    open_page(page, address)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Continue to the second factor").click()
    page.wait_for_url("**/secure/")


def test_a_passkey_enrols_signs_in_and_proves_presence(live_server, page) -> None:
    """With a virtual authenticator: a passkey is made at enrolment, signs in alone, and proves presence once."""
    view = make_person(Role.RADIOLOGIST, name="Dr Maren Oakhollow")
    devtools, device = _give_authenticator(page)
    _choose_password(page, live_server.url + _link(view.id))
    page.get_by_role("button", name="Create a passkey").click()
    page.get_by_role("heading", name="Choose a signing PIN").wait_for()
    page.get_by_label("Signing PIN").fill("482915")
    page.get_by_label("The same PIN again").fill("482915")
    page.get_by_role("button", name="Set the signing PIN").click()
    page.get_by_label("I keep them where only I can reach them").check()
    page.get_by_role("button", name="Finish and go to my first page").click()
    page.wait_for_url(live_server.url + "/**")
    keys = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [key["isResidentCredential"] for key in keys] == [True]

    open_page(page, live_server.url + "/account/")
    proof = page.evaluate(
        """async () => {
            const { confirmPresence } = await import("/static/accounts/presence.js");
            return confirmPresence("report:abc");
        }"""
    )
    assert proof["method"] == "passkey"
    assert queries.presence_valid(proof["token"], view.id, timezone.now(), "report:abc")
    assert not queries.presence_valid(proof["token"], view.id, timezone.now(), "report:other")

    page.context.clear_cookies()
    open_page(page, live_server.url + "/sign-in/?next=/account/")
    page.get_by_role("button", name="Continue with your passkey").click()
    page.wait_for_url(live_server.url + "/account/")
    assert page.get_by_role("heading", level=1).inner_text() == "Your account is in order"
    newest = WebSession.objects.order_by("-started_at").first()
    assert newest is not None
    assert (newest.person_id, newest.mfa_method) == (view.id, "webauthn")

    WebSession.objects.filter(id=newest.id).update(locked_at=timezone.now())
    page.goto(live_server.url + "/account/")
    page.wait_for_url("**/locked/**")
    page.get_by_role("button", name="Open with your passkey").click()
    page.wait_for_url(live_server.url + "/account/")


def test_a_passkey_touch_is_bound_to_its_purpose(live_server, page) -> None:
    """The answer to a challenge made for one purpose is refused for another, and a challenge answers once."""
    view = make_person(Role.ADMINISTRATOR)
    _give_authenticator(page)
    _choose_password(page, live_server.url + _link(view.id))
    page.get_by_role("button", name="Create a passkey").click()
    page.get_by_label("I keep them where only I can reach them").check()
    page.get_by_role("button", name="Finish and go to my first page").click()
    page.wait_for_url(live_server.url + "/**")
    open_page(page, live_server.url + "/account/")
    told = page.evaluate(
        """async () => {
            const { touch } = await import("/static/accounts/webauthn.js");
            const token = document.querySelector('meta[name="csrf-token"]').content;
            const post = (to, values) => fetch("/account/presence/" + to, {
                method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(values) });
            const ask = async (asked, claimed, twice) => {
                const secret = await touch(await (await post("begin/", { purpose: asked })).json());
                const answers = [await post("", { method: "passkey", purpose: claimed, secret })];
                if (twice) answers.push(await post("", { method: "passkey", purpose: claimed, secret }));
                return answers.map((answer) => answer.status);
            };
            return [await ask("report:a", "report:b", false), await ask("report:a", "report:a", true)];
        }"""
    )
    assert told == [[403], [200, 403]]


def test_another_persons_passkey_does_not_open_the_second_step(live_server, page) -> None:
    """After one person's password, the passkey of another person on the same device is refused."""
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    enrol(second.id)
    _give_authenticator(page)
    _choose_password(page, live_server.url + _link(first.id))
    page.get_by_role("button", name="Create a passkey").click()
    page.get_by_role("heading", name="Keep your recovery codes").wait_for()
    page.context.clear_cookies()
    open_page(page, live_server.url + "/sign-in/")
    page.get_by_label("E-mail").fill(second.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Password and code").click()
    page.wait_for_url("**/second-step/")
    assert page.get_by_role("button", name="Use your passkey").count() == 0
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        live_server.url + "/sign-in/second-step/",
        form={"csrfmiddlewaretoken": token, "credential": json.dumps({"id": "x"})},
        headers={"Referer": live_server.url},
    )
    assert answer.url.endswith("/second-step/")
    assert WebSession.objects.filter(person_id=second.id).count() == 0


def test_the_pages_are_clean_in_both_themes(live_server, page) -> None:
    """Signing in, enrolling, one's account and people: no console error, axe clean, nothing sideways, light and dark."""
    manager = make_person(Role.REGISTERED_MANAGER, name="Imogen Vantry")
    make_person(Role.RADIOLOGIST, name="Dr Ada Fennimore")
    for theme in ("light", "dark"):
        set_theme(page, live_server.url, theme)
        page.context.clear_cookies(name="overread")
        for name, path in (("sign-in", "/sign-in/"), ("lost", "/sign-in/lost/"), ("enrol", _link(manager.id))):
            open_page(page, live_server.url + path)
            _look(page, f"accounts-{name}-{theme}")
        _choose_password(page, page.url)
        _look(page, f"accounts-factor-{theme}")
        secret = re.sub(r"\s", "", page.locator("[data-secret]").inner_text())
        page.get_by_label("Code from the app").fill(codes.code_for(secret, codes.step_at(timezone.now())))
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("heading", name="Keep your recovery codes").wait_for()
        _look(page, f"accounts-codes-{theme}")
        page.get_by_label("I keep them where only I can reach them").check()
        page.get_by_role("button", name="Finish and go to my first page").click()
        page.wait_for_url(live_server.url + "/**")
        for name, path in (("me", "/account/"), ("people", "/people/"), ("invite", "/people/invite/")):
            open_page(page, live_server.url + path)
            _look(page, f"accounts-{name}-{theme}")
        open_page(page, f"{live_server.url}/people/{manager.id}/")
        _look(page, f"accounts-person-{theme}")
        WebSession.objects.filter(person_id=manager.id).update(locked_at=timezone.now())
        open_page(page, live_server.url + "/people/")
        _look(page, f"accounts-locked-{theme}")


def _look(page: Any, name: str) -> None:
    axe_clean(page)
    fits(page)
    shot(page, name)
