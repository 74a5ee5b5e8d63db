"""What a page costs on a slow line: bytes as they were sent, headers included, and requests, cold and then with what the browser has kept; and how soon it
can be used at 400 kbit/s with 400 ms to and fro.

Bytes are the browser's own count (CDP `Network.loadingFinished`). Figures are printed; the limits are those of the usability bar.
"""

import re

import region
import walk
from entry import seat
from people import Trouble
from tongues import TAGS

FIRST_BYTES_MAX = 100_000
NEXT_BYTES_MAX = 25_000
# Largest picture of the page on the slow line.
USABLE_MS_MAX = 2_500
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}


class Meter:
    """Counts what a page loads."""

    def __init__(self, page):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("Network.enable")
        self.bytes, self.requests = 0, 0
        self.cdp.on("Network.loadingFinished", self._finished)

    def _finished(self, event):
        # What came from the browser's own cache was not sent.
        if event["encodedDataLength"] > 0:
            self.bytes += int(event["encodedDataLength"])
            self.requests += 1

    def taken(self):
        taken = {"bytes": self.bytes, "requests": self.requests}
        self.bytes, self.requests = 0, 0
        return taken


_PAINTED = """
() => new Promise((done) => new PerformanceObserver((list) => {
  const last = list.getEntries().at(-1);
  const timing = performance.getEntriesByType("navigation")[0];
  done({painted_ms: Math.round(last.startTime), ready_ms: Math.round(timing.domContentLoadedEventEnd)});
}).observe({type: "largest-contentful-paint", buffered: true}))
"""


def settled(person, path):
    """Opens a page and waits until it has what it asked for; its stream of news stays open and counts nothing."""
    status = person.visit(path)
    person.page.wait_for_timeout(300)
    return status


def pages_fit_through_a_slow_line(stage):
    wrong, figures = [], {}
    person = seat(stage, "vn", "administrator")
    paths = [path for path, status in walk.crawl(person, depth=1).items() if status == 200]
    cookies = person.context.cookies()
    person.noticed = []
    person.close()
    inside = stage.crowd.person(stage.member("vn")["base"], "slow line")
    inside.context.add_cookies(cookies)
    meter = Meter(inside.page)
    settled(inside, "/")
    meter.taken()
    for path in paths:
        settled(inside, path)
        figures[path] = taken = meter.taken()
        if taken["bytes"] > NEXT_BYTES_MAX:
            wrong.append("%s takes %d bytes when the rest is kept" % (path, taken["bytes"]))
    inside.noticed = []
    for name, path in (("first", "/log-in"), ("inside", "/")):
        slow = stage.crowd.person(stage.member("vn")["base"], "slow %s" % name)
        if name == "inside":
            slow.context.add_cookies(cookies)
        meter = Meter(slow.page)
        meter.cdp.send("Network.emulateNetworkConditions", SLOW)
        slow.visit(path)
        figures["slow line, cold %s" % path] = painted = slow.page.evaluate(_PAINTED)
        if painted["painted_ms"] > USABLE_MS_MAX:
            wrong.append("%s is painted after %d ms on the slow line" % (path, painted["painted_ms"]))
        slow.noticed = []
        slow.close()
    stage.figures["sent"] = figures
    if wrong:
        raise Trouble("; ".join(wrong))


# Scripts that not every machine can show, by the languages that are written with them.
OWN_FONTS = {"th": "thai", "lo": "lao", "km": "khmer", "my": "burmese", "ta": "tamil"}


def fonts_of(page):
    """Which fonts a page fetches, as they come."""
    asked = []
    page.on("request", lambda request: asked.append(re.sub(r".*/noto-sans-(.*?)\..*", r"\1", request.url)) if request.url.endswith(".woff2") else None)
    return asked


def first_pages_are_light_in_every_language(stage):
    """Cold, fonts included: the log-in, which names all languages in their scripts, and the first page inside."""
    wrong, figures = [], {}
    member = stage.member("vn")
    cookies = seat(stage, "vn", "analyst").context.cookies()
    for tag in TAGS:
        for path in ("/log-in", "/", "/me"):
            person = stage.crowd.person(member["base"], "first page %s" % tag)
            if path != "/log-in":
                person.context.add_cookies(cookies)
            walk.speak(person, tag)
            meter, fonts = Meter(person.page), fonts_of(person.page)
            settled(person, path)
            person.page.evaluate("document.fonts.ready.then(() => null)")
            if person.page.evaluate("document.documentElement.lang").split("-")[0] != tag:
                wrong.append("%s is not in %s" % (path, tag))
            taken = meter.taken()
            figures["%s %s" % (path, tag)] = {**taken, "fonts": fonts}
            if taken["bytes"] > FIRST_BYTES_MAX:
                wrong.append("%s in %s takes %d bytes when cold" % (path, tag, taken["bytes"]))
            # What the page is written in is fetched, so that this counts what it seems to; and no script besides it.
            own = OWN_FONTS.get(tag)
            wanted = {name for name in fonts if name == "names" or own and name.startswith(own)}
            if set(fonts) != wanted or own and own + "-400" not in fonts or path == "/log-in" and "names" not in fonts:
                wrong.append("%s in %s fetches %s" % (path, tag, fonts))
            if path == "/log-in" and tag in ("en", "my", "km"):
                person.shot("log-in")
            person.noticed = []
            person.close()
    stage.figures["first"] = figures
    if wrong:
        raise Trouble("; ".join(wrong))


def a_sign_beyond_burmese_brings_the_whole_script(stage):
    """Shan in a page: the font that was cut for Burmese is not all there is."""
    person = stage.crowd.person(stage.member("vn")["base"], "reader of Shan")
    walk.speak(person, "my")
    fonts = fonts_of(person.page)
    settled(person, "/log-in")
    if any(name.startswith("myanmar") for name in fonts):
        raise Trouble("a Burmese page fetches the whole script: %s" % fonts)
    person.page.evaluate("document.querySelector('h1').textContent = 'လိၵ်ႈတႆး'")
    person.page.wait_for_timeout(300)
    person.page.evaluate("document.fonts.ready.then(() => null)")
    if not any(name.startswith("myanmar") for name in fonts):
        raise Trouble("Shan is shown without its font: %s" % fonts)
    person.shot("shan")


def what_goes_out_small_is_small_only_for_our_own_pages(stage):
    """A page is compressed only where the browser says that our page or the person asks; what is the same for everybody always is."""
    base = stage.member("vn")["base"]

    def encoding(path, **headers):
        sent = {"Accept-Encoding": "gzip", **{name.replace("_", "-"): value for name, value in headers.items()}}
        answer = region.ask(base, "GET", path, headers=sent)
        return {name.lower(): value for name, value in answer.headers.items()}.get("content-encoding")

    person = stage.crowd.person(base, "reader of addresses")
    person.visit("/log-in")
    sheet = person.page.locator("link[rel=stylesheet]").first.get_attribute("href")
    seen = {
        "typed": encoding("/log-in", Sec_Fetch_Site="none"), "own": encoding("/log-in", Sec_Fetch_Site="same-origin"), "foreign": encoding("/log-in", Sec_Fetch_Site="cross-site"),
        "near": encoding("/log-in", Sec_Fetch_Site="same-site"), "silent": encoding("/log-in"), "sheet": encoding(sheet), "api": encoding("/api/v1/openapi.json", Sec_Fetch_Site="none"),
    }
    wanted = {"typed": "gzip", "own": "gzip", "foreign": None, "near": None, "silent": None, "sheet": "gzip", "api": None}
    if seen != wanted:
        raise Trouble("compressed: %s" % seen)


CHECKS = [
    what_goes_out_small_is_small_only_for_our_own_pages,
    pages_fit_through_a_slow_line,
    first_pages_are_light_in_every_language,
    a_sign_beyond_burmese_brings_the_whole_script,
]
