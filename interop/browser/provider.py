"""Log-in with an organisation's own identity provider, as a browser lives through it: the provider is of others (`../oidc_provider.py`), and on another site.

The node is at localhost and the provider at 127.0.0.1: two sites to a browser, so that cookies which are `SameSite=Strict` stay behind on the way back, as they
do between two real names. What a server decides is tested in `crates/gotong-web/tests/it/console/provider.rs`.
"""

import contextlib
import os
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# Both ends are on this machine, in the clear.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import entry  # noqa: E402
import oidc_provider  # noqa: E402
import sight  # noqa: E402
from first_start import Terminal, free_port, outcome  # noqa: E402
from people import Trouble  # noqa: E402

SECRET = "of the client: & more"
BACK = "/log-in/provider/back"
BUTTON = "form[action='/log-in/provider'] button"
WISHED = "/intelligence?type=indicator"


class House:
    """A node that has a provider, and the provider."""

    def __init__(self, folder):
        self.data = os.path.join(folder, "vn")
        port, self.far_port = free_port(), free_port()
        self.base, self.issuer = "http://localhost:%d" % port, "http://127.0.0.1:%d" % self.far_port
        terminal = Terminal()
        terminal.types("init", "--data", self.data, "--member", "vn", "--name", "Viet Nam", "--practice")
        secret = os.path.join(folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        terminal.environment.update({
            "GOTONG_CONSOLE_ADDRESS": self.base, "GOTONG_OIDC_ISSUER": self.issuer, "GOTONG_OIDC_CLIENT": "gotong", "GOTONG_OIDC_SECRET_FILE": secret,
            "GOTONG_OIDC_NAME": "Ministry",
        })
        self.process, _, self.welcome, _ = terminal.serves("serve", "--data", self.data, "--listen", "127.0.0.1:%d" % port)
        self.far = self.open_far()

    def open_far(self):
        return oidc_provider.start("127.0.0.1", self.far_port, oidc_provider.Client(SECRET, self.base + BACK), asks=True)

    def user(self, *words):
        return entry.gotong("user", *words, "--data", self.data)

    def end(self):
        self.far.shutdown()
        self.far.server_close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


@contextlib.contextmanager
def house():
    with tempfile.TemporaryDirectory() as folder:
        made = House(folder)
        try:
            yield made
        finally:
            made.end()


def comes(stage, node, name, **wishes):
    """Somebody at the node, for whom the provider is a place to go to."""
    person = stage.crowd.person(node.base, name, **wishes)
    person._expected.append("asks elsewhere: %s" % node.issuer)
    return person


def has_account(stage, node, name, subject=None):
    """Opens an account, in a browser that is then closed."""
    member = {"data": node.data}
    opener = stage.crowd.person(node.base, "opens %s" % name)
    entry.open_link(opener, entry.invite(member, name, "reader"))
    opener.close()
    if subject:
        node.user("link", name, "--subject", subject)


def presses(person, node, path=WISHED):
    """From a page that is for people who are in to the provider's form."""
    person.visit(path)
    person.click(BUTTON)
    person.page.wait_for_url(node.issuer + "/authorise?*")


def signs_in(person, subject):
    person.fill("input[name=user]", subject)
    person.click("button[value=in]")


def expect_out(person):
    person.visit("/me")
    if "/log-in" not in person.page.url:
        raise Trouble("%s is in, at %s" % (person.name, person.page.url))


def expect_no_barrier(person, where):
    found = sight.all_of(person.page, is_thorough=False)
    if found:
        raise Trouble("%s: %s" % (where, "; ".join(found[:10])))


def session_of(person):
    cookies = [cookie for cookie in person.context.cookies(person.base) if cookie["name"].startswith("gotong_")]
    left = [cookie["name"] for cookie in cookies if cookie["name"].startswith("gotong_provider")]
    if left:
        raise Trouble("what bound the way to the browser is still there: %s" % left)
    sessions = [cookie for cookie in cookies if cookie["httpOnly"] and "session" in cookie["name"]]
    if len(sessions) != 1 or sessions[0]["sameSite"] != "Strict":
        raise Trouble("the session's cookie is not as it must be: %s" % [{key: one[key] for key in ("name", "sameSite", "httpOnly")} for one in cookies])
    return sessions[0]["value"]


def a_linked_person_goes_in_by_the_button_and_out_at_both_ends(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        ann, sent = comes(stage, node, "ann"), []
        ann.page.on("request", lambda request: sent.append((request.url, request.all_headers().get("referer", ""))))
        presses(ann, node)
        ann.shot("at-the-provider")
        signs_in(ann, "subject-of-ann")
        ann.page.wait_for_url(node.base + WISHED)
        entry.expect_in(ann)
        ann.shot("in")
        session_of(ann)
        told = [(url, referer) for url, referer in sent if url.startswith(node.issuer) and referer.startswith(node.base)]
        if told:
            raise Trouble("the provider is told where somebody came from: %s" % told)
        # What came back is not where the browser stands, so that it is neither copied nor kept under a bookmark; going on and coming back works.
        ann.page.reload()
        entry.expect_in(ann)
        ann.visit("/me")
        ann.sees("Ministry")
        ann.page.go_back()
        ann.page.wait_for_url(node.base + WISHED)
        entry.expect_in(ann)
        with ann.expecting("answered 401"):
            # Behind it is the provider's form, whose way has been walked: it opens nothing more, and whoever is in stays in.
            ann.page.go_back()
            ann.page.wait_for_url(node.issuer + "/authorise?*")
            signs_in(ann, "subject-of-ann")
            ann.sees("was used before")
            ann.shot("walked-twice")
        ann.visit("/me")
        entry.expect_in(ann)
        ann.page.locator(".person summary").click()
        ann.click("form[action='/log-out'] button")
        ann.page.get_by_role("link", name="Log out there too").wait_for()
        expect_no_barrier(ann, "the way out")
        ann.shot("out-here")
        ann.page.get_by_role("link", name="Log out there too").click()
        ann.page.wait_for_url(node.base + "/log-in")
        expect_out(ann)
        presses(ann, node)
        ann.expect_quiet()


def it_works_without_scripts_and_the_page_between_can_be_read(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        plain = comes(stage, node, "ann without scripts", java_script_enabled=False)
        presses(plain, node)
        signs_in(plain, "subject-of-ann")
        plain.page.wait_for_url(node.base + WISHED)
        entry.expect_in(plain)
        # Where the way does not open by itself, the page says where it leads and has a link.
        held = comes(stage, node, "ann whose line breaks")
        held.context.route(node.issuer + "/**", lambda route: route.fulfill(status=204))
        held.visit("/log-in")
        with held.page.expect_response(node.issuer + "/authorise?*"):
            held.click(BUTTON)
        held.page.get_by_role("link", name="Go on").wait_for()
        held.sees("You are on your way to")
        held.shot("between")
        expect_no_barrier(held, "the page between")
        held.context.unroute_all()
        held.page.get_by_role("link", name="Go on").click()
        held.page.wait_for_url(node.issuer + "/authorise?*")
        held.expect_quiet()


def somebody_without_a_link_is_told_what_to_ask_for(stage):
    with house() as node:
        has_account(stage, node, "eve")
        eve = comes(stage, node, "eve")
        with eve.expecting("answered 403"):
            presses(eve, node)
            signs_in(eve, "subject-of-<b>eve")
            eve.sees("no account here is linked with you")
            eve.sees("subject-of-<b>eve")
        expect_no_barrier(eve, "the page for somebody without a link")
        eve.shot("no-link")
        expect_out(eve)
        node.user("link", "eve", "--subject", "subject-of-<b>eve")
        # Still logged in at the provider: nothing is asked there any more.
        eve.visit(WISHED)
        eve.click(BUTTON)
        eve.page.wait_for_url(node.base + WISHED)
        entry.expect_in(eve)
        eve.expect_quiet()


def a_cancelled_log_in_ends_in_a_kind_page_that_has_forgotten_nothing(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        ann = comes(stage, node, "ann who cancels")
        with ann.expecting("answered 401"):
            presses(ann, node)
            ann.click("button[value=cancel]")
            ann.sees("did not confirm who you are")
        expect_no_barrier(ann, "the page after cancelling")
        ann.shot("cancelled")
        # Here is also the other way in, and it leads where she wished to go.
        ann.fill("input[name=name]", "ann")
        ann.fill("input[name=password]", entry.PASSWORD)
        ann.click("main form[action='/log-in'] button")
        ann.page.wait_for_url(node.base + WISHED)
        entry.expect_in(ann)
        # And the same button again.
        other = comes(stage, node, "ann who cancels and begins again")
        with other.expecting("answered 401"):
            presses(other, node)
            other.click("button[value=cancel]")
            other.sees("did not confirm who you are")
        other.click(BUTTON)
        other.page.wait_for_url(node.issuer + "/authorise?*")
        signs_in(other, "subject-of-ann")
        other.page.wait_for_url(node.base + WISHED)
        entry.expect_in(other)
        ann.expect_quiet()
        other.expect_quiet()


def what_was_typed_over_an_ended_session_is_there_afterwards(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        ann = comes(stage, node, "ann who types")
        presses(ann, node)
        signs_in(ann, "subject-of-ann")
        ann.page.wait_for_url(node.base + WISHED)
        for cancels, typed in ((False, "Half-typed: แม่โขง & <b>"), (True, "Half typed and then sent")):
            ann.visit(WISHED)
            ann.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            ann.fill("form[action='/searches/save'] input[name=name]", typed)
            node.user("end-sessions", "ann")
            with ann.expecting("answered 401"):
                ann.click("form[action='/searches/save'] button[type=submit]")
                ann.page.locator(BUTTON).wait_for()
                ann.shot("log-in-over-it")
                if cancels:
                    # Logged out at the provider too, and the first try is cancelled.
                    ann.context.clear_cookies(name="at_provider")
                    ann.click(BUTTON)
                    ann.page.wait_for_url(node.issuer + "/authorise?*")
                    ann.click("button[value=cancel]")
                    ann.sees("did not confirm who you are")
            ann.click(BUTTON)
            if cancels:
                ann.page.wait_for_url(node.issuer + "/authorise?*")
                signs_in(ann, "subject-of-ann")
            ann.page.locator("main form[action='/searches/save']").wait_for()
            ann.sees(typed)
            expect_no_barrier(ann, "what was typed")
            ann.shot("kept")
            if not cancels:
                continue
            ann.click("main form[action='/searches/save'] button")
            outcome(ann, "done")
            ann.visit("/searches")
            ann.sees("half-typed-and-then-sent")
        entry.expect_in(ann)
        ann.expect_quiet()


def an_address_that_came_back_opens_nothing_in_another_browser(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        ann, caught = comes(stage, node, "ann whose address is stolen"), []

        def hold(route):
            if route.request.method != "POST":
                return route.continue_()
            # Where the provider sends the browser back to, which does not go there.
            caught.append(route.fetch(max_redirects=0).headers["location"])
            return route.fulfill(status=204)

        ann.context.route(node.issuer + "/**", hold)
        presses(ann, node)
        with ann.page.expect_response(node.issuer + "/authorise?*"):
            signs_in(ann, "subject-of-ann")
        back = caught[0].removeprefix(node.base)
        eve = comes(stage, node, "eve with a stolen address")
        with eve.expecting("answered 401"):
            eve.visit(back)
            eve.sees("was begun in another browser")
            expect_no_barrier(eve, "a way of somebody else")
            eve.shot("stale")
        expect_out(eve)
        # It was good all the while, for the browser that began.
        ann.context.unroute_all()
        ann.visit(back)
        ann.page.wait_for_url(node.base + WISHED)
        entry.expect_in(ann)
        with ann.expecting("answered 401"):
            ann.visit(back)
            ann.sees("was used before")
        ann.visit("/me")
        entry.expect_in(ann)
        ann.expect_quiet()
        eve.expect_quiet()


def two_tabs_do_not_hinder_each_other(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        ann = comes(stage, node, "ann with two tabs")
        presses(ann, node)
        first, ann.page = ann.page, ann.new_page()
        presses(ann, node, "/me")
        signs_in(ann, "subject-of-ann")
        ann.page.wait_for_url(node.base + "/me")
        entry.expect_in(ann)
        ann.page = first
        signs_in(ann, "subject-of-ann")
        ann.page.wait_for_url(node.base + WISHED)
        entry.expect_in(ann)
        ann.expect_quiet()


def somebody_links_the_own_account_and_ends_the_link(stage):
    with house() as node:
        has_account(stage, node, "ann")
        ann = entry.log_in(comes(stage, node, "ann who links"), "ann")
        ann.visit("/me")
        ann.fill("#provider-current", entry.PASSWORD)
        ann.click("form[action='/me/provider'] button")
        ann.page.wait_for_url(node.issuer + "/authorise?*")
        signs_in(ann, "subject-of-ann")
        outcome(ann, "done")
        ann.shot("linked")
        expect_no_barrier(ann, "the link's outcome")
        again = comes(stage, node, "ann at another machine")
        presses(again, node)
        signs_in(again, "subject-of-ann")
        again.page.wait_for_url(node.base + WISHED)
        entry.expect_in(again)
        # Somebody else of the provider cannot be linked on top, and who is linked elsewhere is told so.
        has_account(stage, node, "bob")
        bob = entry.log_in(comes(stage, node, "bob who links the same"), "bob")
        bob.visit("/me")
        bob.fill("#provider-current", entry.PASSWORD)
        with bob.expecting("answered 403"):
            bob.click("form[action='/me/provider'] button")
            bob.page.wait_for_url(node.issuer + "/authorise?*")
            signs_in(bob, "subject-of-ann")
            bob.page.locator("main .outcome.refused").wait_for()
            bob.shot("refused-link")
            expect_no_barrier(bob, "a link that is refused")
        bob.page.locator("main .outcome a").click()
        bob.page.wait_for_url(node.base + "/me")
        entry.expect_in(bob)
        ann.visit("/me")
        ann.fill("#provider-current", entry.PASSWORD)
        ann.click("form[action='/me/provider/end'] button")
        outcome(ann, "done")
        for person in (ann, again, bob):
            person.expect_quiet()


def a_provider_that_is_away_leaves_the_other_way_in(stage):
    with house() as node:
        has_account(stage, node, "ann", "subject-of-ann")
        ann = comes(stage, node, "ann while it is away")
        node.far.shutdown()
        node.far.server_close()
        with ann.expecting("answered 502", "status of 502"):
            ann.visit(WISHED)
            ann.click(BUTTON)
            ann.sees("does not answer as it should")
        expect_no_barrier(ann, "the page while the provider is away")
        ann.shot("away")
        ann.fill("input[name=name]", "ann")
        ann.fill("input[name=password]", entry.PASSWORD)
        ann.click("main form[action='/log-in'] button")
        ann.page.wait_for_url(node.base + WISHED)
        entry.expect_in(ann)
        node.far = node.open_far()
        ann.expect_quiet()


CHECKS = [
    a_linked_person_goes_in_by_the_button_and_out_at_both_ends,
    it_works_without_scripts_and_the_page_between_can_be_read,
    somebody_without_a_link_is_told_what_to_ask_for,
    a_cancelled_log_in_ends_in_a_kind_page_that_has_forgotten_nothing,
    what_was_typed_over_an_ended_session_is_there_afterwards,
    an_address_that_came_back_opens_nothing_in_another_browser,
    two_tabs_do_not_hinder_each_other,
    somebody_links_the_own_account_and_ends_the_link,
    a_provider_that_is_away_leaves_the_other_way_in,
]
