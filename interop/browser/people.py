"""People at browsers: Debian's Chromium without a window, a context of its own for each person, and a record of everything that must not happen.

What is watched on every page: errors on the console, breaches of the policy of content, requests that fail, dialogs, requests to elsewhere, and a canary that
hostile text would set off. Nothing is forgiven here; who expects a refused request says so with `expecting`.
"""

import contextlib
import os
import re
import urllib.parse

from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("GOTONG_CHROMIUM", "/usr/bin/chromium")
# A page of a debug build on a busy machine.
PATIENCE_MS = 30_000
# Set before any script of a page: what breaches the policy, and whether hostile text has run.
WATCH = """
window.__breaches = [];
document.addEventListener("securitypolicyviolation", (event) => window.__breaches.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


class Trouble(AssertionError):
    """Something on a page is not as it must be."""


class Crowd:
    """One browser, and people who share nothing but it."""

    def __init__(self, pictures):
        self.pictures = pictures
        self._playwright = sync_playwright().start()
        # As root in a container there is no sandbox to be had; the pages are our own.
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none", "--force-color-profile=srgb", "--hide-scrollbars"]
        self.browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        self.people = []

    def person(self, base, name, **wishes):
        person = Person(self, base, name, wishes)
        self.people.append(person)
        return person

    def trouble(self):
        """Everything that was noticed and not yet told."""
        return [line for person in self.people for line in person.told()]

    def close(self):
        self.browser.close()
        self._playwright.stop()


class Person:
    """Somebody at one node, with a context, a page and a watch over it."""

    def __init__(self, crowd, base, name, wishes):
        self.crowd, self.base, self.name = crowd, base.rstrip("/"), name
        settings = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce", "color_scheme": "light"}
        settings.update(wishes)
        self.context = crowd.browser.new_context(base_url=self.base, accept_downloads=True, **settings)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(WATCH)
        self.noticed, self._expected, self.steps, self.keys, self._shots = [], [], 0, 0, 0
        self.page = self.new_page()

    # ---- watching

    def new_page(self):
        page = self.context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.notice("a script failed: %s" % error))
        page.on("dialog", self._on_dialog)
        page.on("requestfailed", self._on_failed)
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        return page

    def notice(self, text):
        if not any(re.search(pattern, text) for pattern in self._expected):
            self.noticed.append("%s at %s: %s" % (self.name, urllib.parse.urlsplit(self.page.url).path if hasattr(self, "page") else "", text))

    def _on_console(self, message):
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.notice("the console says (%s): %s" % (message.type, message.text))

    def _on_dialog(self, dialog):
        self.notice("a dialog: %s" % dialog.message)
        dialog.dismiss()

    def _on_failed(self, request):
        # A page that is left ends its stream of news and what it was still fetching.
        if request.failure != "net::ERR_ABORTED":
            self.notice("%s %s failed: %s" % (request.method, request.url, request.failure))

    def _on_request(self, request):
        if not request.url.startswith((self.base + "/", "data:", "about:", "blob:")):
            self.notice("asks elsewhere: %s" % request.url)

    def _on_response(self, response):
        if response.status >= 400:
            self.notice("%s %s answered %d" % (response.request.method, response.url.removeprefix(self.base), response.status))

    @contextlib.contextmanager
    def expecting(self, *patterns):
        """Within, what matches is expected and not noticed."""
        self._expected.extend(patterns)
        try:
            yield
        finally:
            del self._expected[len(self._expected) - len(patterns):]

    def told(self):
        """What was noticed, with what the page itself has recorded; forgotten afterwards."""
        with contextlib.suppress(Exception):
            for breach in self.page.evaluate("window.__breaches.splice(0)"):
                self.notice("a breach of the policy of content: %s" % breach)
            if self.page.evaluate("'__ran' in window"):
                self.notice("hostile text ran as a script: %s" % self.page.evaluate("window.__ran"))
        noticed, self.noticed = self.noticed, []
        return noticed

    def expect_quiet(self):
        told = self.told()
        if told:
            raise Trouble("; ".join(told))

    # ---- moving

    def visit(self, path):
        """Opens an address; the answer's status."""
        self._settle_old()
        response = self.page.goto(path, wait_until="load")
        return response.status if response else 0

    def _settle_old(self):
        # What the page that is left has recorded must not go with it.
        self.noticed = [line for line in self.told()]

    def click(self, selector, **options):
        self.steps += 1
        self.page.locator(selector).first.click(**options)

    def fill(self, selector, text):
        self.steps += 1
        self.page.locator(selector).first.fill(text)

    def choose(self, selector, value):
        self.steps += 1
        self.page.locator(selector).first.select_option(value)

    def press(self, key):
        self.keys += 1
        self.page.keyboard.press(key)

    def text(self, selector="main"):
        return self.page.locator(selector).first.inner_text()

    def sees(self, text, selector="main", within_ms=PATIENCE_MS):
        """Waits until a text is there to be seen."""
        self.page.locator(selector).first.get_by_text(text).first.wait_for(state="visible", timeout=within_ms)

    def shot(self, step, whole=True):
        """Keeps a picture of the page under the name of the step."""
        folder = os.path.join(self.crowd.pictures, re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-"))
        os.makedirs(folder, exist_ok=True)
        self._shots += 1
        path = os.path.join(folder, "%02d-%s.png" % (self._shots, step))
        self.page.screenshot(path=path, full_page=whole)
        return path

    def close(self):
        self.noticed = self.told()
        self.context.close()
