"""Hostile text through every field that pages show: nothing of it runs, nothing asks elsewhere, it stands there as the text that it is, and what turns the
direction of letters stays within its own bounds. What goes out as a table cannot become a formula.

Records, organisations, people and tokens are made with such names, and files, searches and addresses carry them; then every page that is reached is looked at.
"""

import csv
import io
import os
import urllib.parse

import region
import walk
from entry import gotong, seat
from people import Trouble

TURN, BACK = "\u202e", "\u202c"
# Each would set the canary off, open a dialog or ask elsewhere if it were anything but text.
STRINGS = [
    "<script>window.__ran='script'</script>",
    "\"><img src=x onerror=\"window.__ran='handler'\">",
    "'><svg/onload=window.__ran='svg'>",
    "javascript:window.__ran='address'",
    "</title></textarea></style><script>window.__ran='closing'</script>",
    "<iframe srcdoc=\"<script>top.__ran='frame'</script>\"></iframe>",
    "<a href=\"javascript:window.__ran='link'\" autofocus onfocus=\"window.__ran='focus'\">x</a>",
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>{% debug %}",
    "<div hx-get=\"/log-out\" hx-trigger=\"load\">x</div>",
    "<b hx-on:click=\"window.__ran='htmx'\" hx-on--load=\"window.__ran='htmx'\">x</b>",
    "%s%sgpj.exe%s of the CERT" % ("invoice-", TURN, BACK),
    "\u2066left alone \u05d0\u05d1\u05d2",
    "a\u0000b".replace("\u0000", "\u200b") + "\u00ad zero",
    "=cmd|' /C calc'!A0",
    "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1",
    "\r\nSet-Cookie: hostile=1".strip(),
    "--><!--#exec cmd=\"id\"-->",
]
# Signs that turn the direction of what follows, and where each has to stay.
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"

_LOOSE = r"""
(turning) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    // What stands between the two signs of an isolate stays there: our own sentences put them around what they quote.
    const open = node.data.replace(/\u2068[^\u2068\u2069]*\u2069/g, "");
    if (![...open].some((sign) => turning.includes(sign))) continue;
    let holder = node.parentElement, isHeld = false;
    for (; holder && holder !== document.body; holder = holder.parentElement) {
      const style = getComputedStyle(holder);
      // A place for foreign text alone.
      if (holder.dir === "auto") { isHeld = true; break; }
      if (["isolate", "isolate-override", "plaintext"].includes(style.unicodeBidi) && (style.display === "inline" || holder.localName === "bdi") || ["block", "list-item", "table-cell", "flex", "grid", "option"].includes(style.display) && holder.textContent.trim() === node.data.trim() || ["OPTION", "TITLE", "TEXTAREA", "SCRIPT"].includes(holder.tagName)) { isHeld = true; break; }
    }
    if (!isHeld) found.push(`<${node.parentElement.localName}> ${node.data.trim().slice(0, 30)}`);
  }
  return found.slice(0, 4);
}
"""


def loose(page):
    """Text that turns the direction of what stands around it."""
    return page.evaluate(_LOOSE, TURNING)


def _records():
    """Objects of the kinds whose words pages show, one for each string."""
    made = []
    for at, text in enumerate(STRINGS):
        number = 400 + at
        made.append(region.indicator(number, "hostile-%d.example" % at, name=text, description=text + "\n" + text, labels=[text[:40]],
                                     external_references=[{"source_name": text[:60], "description": text, "url": "https://hostile.example/?q=" + urllib.parse.quote(text)}]))
        note = {"type": "note", "spec_version": "2.1", "id": "note--5f1c8a40-0000-4000-8000-%012d" % number, "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z",
                "abstract": text, "content": text + "\n\n" + text, "authors": [text], "object_refs": [made[0]["id"]]}
        made.append(note)
        made.append({"type": "identity", "spec_version": "2.1", "id": "identity--5f1c8a40-0000-4000-8000-%012d" % number, "created": "2026-11-01T00:00:00.000Z",
                     "modified": "2026-11-01T00:00:00.000Z", "name": text, "contact_information": text, "sectors": ["government"], "identity_class": "organization"})
        made.append({"type": "url", "spec_version": "2.1", "id": "url--5f1c8a40-0000-4000-8000-%012d" % number, "value": "https://hostile.example/%d?q=%s" % (at, text)})
    return made


def _fill(stage):
    """Everything hostile, by every way in that takes it; what is refused was harmless already, and is counted."""
    member = stage.member("vn")
    taken = refused = 0
    for record in _records():
        path = "/api/v1/channels/rti%2Findicators/records?tlp=green"
        answer = region.ask(member["base"], "POST", path, member["token"], record)
        taken += answer.status < 300
        refused += answer.status >= 400
    for at, text in enumerate(STRINGS):
        known = [{"code": "hostile-%d" % at, "name": text, "class": "isp"}]
        taken += region.operate(member, "PUT", "/api/v1/organisations", {"organisations": known}).status < 300
        taken += region.operate(member, "POST", "/api/v1/tokens", {"name": text, "role": "reader"}).status < 300
        try:
            gotong("user", "invite", "hostile%d" % at, "--full-name", text, "--role", "reader", "--data", member["data"])
            taken += 1
        except Trouble:
            refused += 1
    return taken, refused


def hostile_text_is_text_on_every_page(stage):
    taken, refused = _fill(stage)
    stage.figures.update(taken=taken, refused=refused)
    if taken < 3 * len(STRINGS):
        raise Trouble("only %d were taken, so little was tried" % taken)
    member = stage.member("vn")
    region.wait_until("the records", lambda: region.is_known(member, "hostile-%d.example" % (len(STRINGS) - 1)))
    person = seat(stage, "vn", "administrator")
    found, pages = [], 0

    def look(path, within=None):
        nonlocal pages
        with person.expecting(r"answered 4\d\d"):
            person.visit(path)
            person.page.wait_for_timeout(20)
            told = person.told()
        pages += 1
        found.extend("%s: %s" % (path, line) for line in told)
        found.extend("%s: the direction is turned outside of %s" % (path, line) for line in loose(person.page))
        # As a reader sees it, and not as markup: a part of the page that was made of it would not be there as text.
        if within and within not in person.page.evaluate("document.body.innerText + [...document.querySelectorAll('input, textarea')].map((one) => one.value).join(' ')"):
            found.append("%s: %r is not to be read" % (path, within))

    for at, text in enumerate(STRINGS):
        for kind in ("indicator", "note", "identity"):
            look("/intelligence/%s--5f1c8a40-0000-4000-8000-%012d" % (kind, 400 + at), text.split("\n")[0][:20] if kind == "indicator" and ord(text[0]) < 128 and text[0] > " " else None)
        quoted = urllib.parse.quote(text, safe="")
        for path in ("/intelligence?q=" + quoted, "/intelligence?type=%s&channel=%s&author=%s&label_max=%s" % (quoted, quoted, quoted, quoted), "/log-in?next=" + quoted,
                     "/intelligence/" + quoted, "/acts/" + quoted, "/help/" + quoted, "/" + quoted):
            look(path)
    # Dead links are the walk's to find.
    with person.expecting(r"answered 4\d\d"):
        paths = list(walk.crawl(person, depth=2))
    for path in paths:
        look(path)
    stage.figures["pages"] = pages
    person.noticed = []
    if found:
        raise Trouble("%d: %s" % (len(found), "\n  ".join(found[:40])))


def hostile_files_and_forms_come_back_as_text(stage):
    person = seat(stage, "vn", "analyst")
    folder = os.path.join(stage.crowd.pictures, "files")
    os.makedirs(folder, exist_ok=True)
    found = []
    for at, text in enumerate(STRINGS):
        name = "".join(sign for sign in text if sign not in "/\0\r\n\t")[:80] or "x"
        path = os.path.join(folder, name + ".txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("file-%d.example\n%s\n" % (at, text))
        for is_file in (True, False):
            person.visit("/share")
            if is_file:
                person.page.set_input_files("#file", path)
            else:
                person.page.fill("#text", "%s\ntext-%d.example" % (text, at))
            person.page.fill("#purpose", text[:100])
            person.page.select_option("#channel", "rti/indicators")
            person.page.locator("main form button[type=submit]").first.click()
            person.page.wait_for_load_state("load")
            person.page.wait_for_timeout(20)
            found += ["share of %r: %s" % (text, line) for line in person.told() + loose(person.page)]
            if at % 4 == 0 and is_file:
                # It stays in the list of what was begun, under its name; the others make room.
                continue
            drop = person.page.locator("form:has(input[name=act][value=drop]) button").first
            if not drop.count():
                found.append("share of %r: no check page: %s" % (text, person.text()[:120]))
                continue
            drop.click()
            person.page.wait_for_load_state("load")
            found += ["dropping %r: %s" % (text, line) for line in person.told() + loose(person.page)]
    person.visit("/share")
    found += ["the list of shares: %s" % line for line in person.told() + loose(person.page)]
    if found:
        raise Trouble("\n  ".join(found[:30]))


def no_cell_of_a_table_is_a_formula(stage):
    member = stage.member("vn")
    answer = region.ask(member["base"], "GET", "/api/v1/export?format=csv", member["token"])
    if answer.status != 200:
        raise Trouble("the export answers %d" % answer.status)
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    bad = [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    names = [cell for cell in cells if "SUM(1+1)" in cell]
    if not names:
        raise Trouble("no hostile name is in the export, so nothing was shown: run with hostile_text_is_text_on_every_page before")
    if bad:
        raise Trouble("cells begin a formula: %s" % bad[:6])
    stage.figures["cells"] = len(cells)


def the_check_of_direction_sees_what_is_loose(stage):
    from controls import broken_pages
    with broken_pages() as base:
        person = stage.crowd.person(base, "control")
        person.visit("/good")
        person.page.evaluate("(text) => { document.querySelector('p').append(text); }", "name: " + STRINGS[10])
        if not loose(person.page):
            raise Trouble("text that turns the page around was not seen")
        person.page.evaluate("(text) => { const one = document.createElement('bdi'); one.append(text); document.querySelector('p').replaceChildren('name: ', one); }", STRINGS[10])
        if loose(person.page):
            raise Trouble("text that is held is blamed")
        person.close()


CHECKS = [the_check_of_direction_sees_what_is_loose, hostile_text_is_text_on_every_page, hostile_files_and_forms_come_back_as_text, no_cell_of_a_table_is_a_formula]
