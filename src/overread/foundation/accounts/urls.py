"""Addresses of accounts. The names without a prefix are those that allauth asks for."""

from django.urls import include, path

from overread.foundation.accounts.pages import enrol, own, people, signin

_own = [
    path("sign-out/", signin.sign_out, name="sign_out"),
    path("locked/", signin.locked, name="locked"),
    path("locked/begin/", signin.locked_begin, name="locked_begin"),
    path("alive/", signin.alive, name="alive"),
    path("sign-in/lost/", signin.lost, name="lost"),
    path("enrol/<str:token>/", enrol.enrol, name="enrol"),
    path("secure/", enrol.secure, name="secure"),
    path("secure/app/", enrol.secure_totp, name="secure_totp"),
    path("secure/passkey/begin/", enrol.secure_passkey_begin, name="secure_passkey_begin"),
    path("secure/passkey/", enrol.secure_passkey, name="secure_passkey"),
    path("secure/pin/", enrol.secure_pin, name="secure_pin"),
    path("secure/codes/", enrol.secure_codes, name="secure_codes"),
    path("account/", own.me, name="me"),
    path("account/password/", own.change_password, name="change_password"),
    path("account/app/", own.add_app, name="add_app"),
    path("account/passkey/begin/", own.passkey_begin, name="passkey_begin"),
    path("account/passkey/", own.add_passkey, name="add_passkey"),
    path("account/factor/<int:factor_id>/remove/", own.remove_factor, name="remove_factor"),
    path("account/pin/", own.change_pin, name="change_pin"),
    path("account/codes/", own.renew_codes, name="renew_codes"),
    path("account/sessions/<uuid:session_id>/end/", own.end_session, name="end_session"),
    path("account/sessions/end/", own.end_everywhere, name="end_everywhere"),
    path("account/presence/begin/", own.presence_begin, name="presence_begin"),
    path("account/presence/", own.presence, name="presence"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/grant/", people.grant, name="grant"),
    path("people/<uuid:person_id>/revoke/<uuid:grant_id>/", people.revoke, name="revoke"),
    path("people/<uuid:person_id>/standing/", people.standing, name="standing"),
    path("people/<uuid:person_id>/link/", people.link, name="link"),
]

urlpatterns = [
    path("sign-in/", signin.SignIn.as_view(), name="account_login"),
    path("sign-in/second-step/", signin.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", signin.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("", include((_own, "accounts"))),
]
