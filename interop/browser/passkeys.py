"""Passkeys with Chromium's own authenticator: one is made and lets its owner in, and one that has not seen its owner opens nothing."""

import entry
from people import Trouble

PASSWORD = entry.PASSWORD


def at_its_name(stage, code, name):
    """Somebody at the name that passkeys are made for: the demo's is localhost, since an address has no passkeys."""
    base = stage.member(code)["base"].replace("127.0.0.1", "localhost")
    return stage.crowd.person(base, name)


def authenticator(person, verifies=True):
    """A device inside the browser; what it is told to say of its owner can be changed."""
    session = person.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def make(person, name):
    person.visit("/me")
    person.fill("#passkey-name", name)
    person.fill("#passkey-current", PASSWORD)
    person.click("form[data-passkey=make] button[type=submit]")
    person.page.wait_for_url("**/acts/*")


def leave(person):
    person.context.clear_cookies()
    person.visit("/log-in")


def a_passkey_is_made_and_lets_its_owner_in(stage):
    path = entry.invite(stage.member("th"), "passkey.th", "analyst")
    person = entry.open_link(at_its_name(stage, "th", "passkey.th at th"), path)
    session, device = authenticator(person)
    make(person, "office laptop")
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    if len(kept) != 1 or kept[0]["rpId"] != "localhost" or not kept[0]["isResidentCredential"]:
        raise Trouble("the device keeps %r" % [{key: one.get(key) for key in ("rpId", "isResidentCredential")} for one in kept])
    for _ in range(2):
        leave(person)
        person.click("form[data-passkey=use] button[type=submit]")
        person.page.wait_for_selector(".person")
        entry.expect_in(person)
    person.visit("/me")
    person.sees("office laptop")


def who_was_not_verified_gets_nowhere(stage):
    path = entry.invite(stage.member("id"), "passkey.id", "reader")
    person = entry.open_link(at_its_name(stage, "id", "passkey.id at id"), path)
    session, device = authenticator(person)
    make(person, "office laptop")
    leave(person)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    person.click("form[data-passkey=use] button[type=submit]")
    person.page.wait_for_selector("form[data-passkey=use] [data-failed]:not([hidden])")
    if person.page.locator(".person").count():
        raise Trouble("a device that had not seen its owner let somebody in")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    person.click("form[data-passkey=use] button[type=submit]")
    person.page.wait_for_selector(".person")


def at_another_name_no_passkey_is_offered(stage):
    person = stage.crowd.person(stage.member("vn")["base"], "stranger at vn")
    person.visit("/log-in")
    if person.page.locator("form[data-passkey=use]").is_visible():
        raise Trouble("a passkey is offered at a name that it was not made for")


CHECKS = [a_passkey_is_made_and_lets_its_owner_in, who_was_not_verified_gets_nowhere, at_another_name_no_passkey_is_offered]
