"""Pages that are broken on purpose: each kind of check must see what was made for it to see, and must be silent at the page beside it that is in order."""

import contextlib
import http.server
import threading

from people import Trouble
import sight

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"
SHEET = """
:root { color-scheme: light dark } body { margin: 1rem; background: #fff; color: #111 } a, button, input, summary { outline-offset: 2px }
:focus-visible { outline: 3px solid #06c } a { color: #0645ad } label { display: block }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #8ab4f8 } }
.pale { color: #bbb } .wide { width: 900px } .unmarked:focus-visible { outline: none } .cut { width: 4rem; overflow: hidden; white-space: nowrap }
.night { color: #333 } .cover { position: fixed; inset: 0; background: #fff; z-index: 9 } .small { width: 8rem }
"""
HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%s</title>'
GOOD = '<main><h1>In order</h1><p>Some <a href="/good">words</a>.</p><form><label for="a">Name</label><input id="a" name="a"><button type="button">Go</button></form></main>'

PAGES = {
    "good": GOOD,
    "inline-script": GOOD + "<script>window.__ran = 'inline'</script>",
    "inline-handler": GOOD + '<img alt="" src="data:," onerror="window.__ran = 1">',
    "elsewhere": GOOD + '<img alt="" src="http://127.0.0.1:9/x.png">',
    "missing": GOOD + '<img alt="" src="/not-there.png">',
    "thrown": GOOD + '<script src="/thrown.js"></script>',
    "dialog": GOOD + '<script src="/dialog.js"></script>',
    "canary": GOOD + '<script src="/canary.js"></script>',
    "pale": GOOD.replace("<p>", '<p class="pale">'),
    "dark-only": GOOD.replace("<p>", '<p class="night">'),
    "unlabelled": GOOD.replace('<label for="a">Name</label>', ""),
    "no-language": GOOD,
    "too-wide": GOOD.replace("</main>", '<table class="wide"><caption>Wide</caption><tr><th scope="col">One</th></tr><tr><td>1</td></tr></table></main>'),
    "cut": GOOD.replace("</main>", '<p class="cut">Much more than there is room for</p></main>'),
    "unmarked": GOOD.replace("<button", '<button class="unmarked"'),
    "unreachable": GOOD.replace("<button", '<button tabindex="-1"'),
    "covered": GOOD.replace("</main>", '<p class="cover">Over everything</p></main>'),
    "twice": GOOD.replace("</main>", '<p id="b">One</p><p id="b">Two</p></main>'),
}
SCRIPTS = {
    "/thrown.js": "throw new Error('on purpose')",
    "/dialog.js": "alert('on purpose')",
    "/canary.js": "window.__ran = 'canary'",
}

# What must be found on each, by the watch over the page or by the checks of `sight`, and a part of what they then say.
SEEN = {
    "inline-script": ("watch", "policy"),
    "inline-handler": ("watch", "policy"),
    "elsewhere": ("watch", "elsewhere"),
    "missing": ("watch", "answered 404"),
    "thrown": ("watch", "a script failed"),
    "dialog": ("watch", "a dialog"),
    "canary": ("watch", "hostile text ran"),
    "pale": ("sight", "color-contrast"),
    "dark-only": ("sight", "dark: axe color-contrast"),
    "unlabelled": ("sight", "axe label"),
    "no-language": ("sight", "html-has-lang"),
    "too-wide": ("sight", "at 360 px: the page is"),
    "cut": ("sight", "cut off at the side"),
    "unmarked": ("sight", "cannot be seen on <button"),
    "unreachable": ("sight", "Tab does not reach 1 of"),
    "covered": ("sight", "covers the focused"),
    "twice": ("sight", "two things are called #b"),
}


class Broken(http.server.BaseHTTPRequestHandler):
    """The pages above, under the very policy that the console has."""

    def do_GET(self):
        name = self.path.strip("/")
        if name in PAGES:
            head = HEAD % name
            head = head.replace(' lang="en"', "") if name == "no-language" else head
            self._answer("text/html; charset=utf-8", head + '<link rel="stylesheet" href="/sheet.css"><link rel="icon" href="data:,"></head><body>' + PAGES[name] + "</body></html>")
        elif self.path == "/sheet.css":
            self._answer("text/css", SHEET)
        elif self.path in SCRIPTS:
            self._answer("text/javascript", SCRIPTS[self.path])
        else:
            self.send_error(404)

    def _answer(self, media, text):
        body = text.encode()
        self.send_response(200)
        for name, value in (("Content-Type", media), ("Content-Length", str(len(body))), ("Content-Security-Policy", POLICY)):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def broken_pages():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:%d" % server.server_address[1]
    finally:
        server.shutdown()


def each_check_sees_what_was_made_for_it(stage):
    with broken_pages() as base:
        person = stage.crowd.person(base, "controls")
        person.visit("/good")
        found = sight.all_of(person.page) + person.told()
        if found:
            raise Trouble("a page in order is blamed: %s" % "; ".join(found))
        missed = []
        for name, (who, what) in SEEN.items():
            person.visit("/" + name)
            person.page.wait_for_timeout(50)
            found = person.told() if who == "watch" else sight.all_of(person.page)
            if not any(what in line for line in found):
                missed.append("%s: %r not in %r" % (name, what, found))
            person.told()
        if missed:
            raise Trouble("checks are blind: " + " || ".join(missed))
        person.close()


CHECKS = [each_check_sees_what_was_made_for_it]
