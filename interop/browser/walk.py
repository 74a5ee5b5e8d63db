"""Every page that a role's menu shows: it answers, is whole, and has no barrier, in English, Thai and Khmer, light and dark, on a phone and at twice the size.

Pages are found as a person finds them, by the menu and by links from there; none is named here, so none that comes can be forgotten.
"""

import re
import urllib.parse

import region
import sight
from entry import seat
from people import Trouble

LANGUAGES = ("en", "th", "km")
# Pages of one kind differ in their data alone: two of each are looked at.
OF_A_KIND = 2
# What is not a page of the console, or ends the session.
NOT_WALKED = re.compile(r"^/(api|taxii2|misp|assets|session|log-out|metrics|healthz|readyz)\b")


def menu(person):
    """Where the places of this person's role lead."""
    return person.page.locator("nav.places a[href]").evaluate_all("all => all.map((link) => link.getAttribute('href'))")


def links(person):
    here = urllib.parse.urlsplit(person.page.url)
    found = person.page.locator("a[href]:not([download])").evaluate_all("all => all.map((link) => new URL(link.getAttribute('href'), document.baseURI).href)")
    paths = []
    for address in found:
        parts = urllib.parse.urlsplit(address)
        if (parts.scheme, parts.netloc) == (here.scheme, here.netloc) and not NOT_WALKED.match(parts.path):
            paths.append(parts.path + ("?" + parts.query if parts.query else ""))
    return paths


def kind_of(path):
    """What pages of one kind have in common: ids, codes and numbers are one each."""
    parts = urllib.parse.urlsplit(path)
    steps = [step for step in parts.path.split("/") if step]
    shape = [steps[0] if steps else ""]
    for step in steps[1:]:
        is_word = re.fullmatch(r"[a-z]+(-[a-z]+)?", step) and len(step) < 16 and shape[0] == "help"
        shape.append(step if is_word or step in ("new", "edit", "check") else "*")
    return "/".join(shape) + "?" + "&".join(sorted(name for name, _ in urllib.parse.parse_qsl(parts.query)))


def crawl(person, start="/", depth=3):
    """Every page within so many links of the first, each with its status; two of each kind."""
    seen, kinds, statuses = {start}, {}, {}
    front = [start]
    for _ in range(depth + 1):
        following = []
        for path in front:
            kind = kind_of(path)
            if kinds.get(kind, 0) >= OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            statuses[path] = person.visit(path)
            for link in links(person) if statuses[path] < 400 else []:
                if link not in seen:
                    seen.add(link)
                    following.append(link)
        front = following
    return statuses


def speak(person, tag):
    """Makes the pages of this person speak a language."""
    person.context.add_cookies([{"name": "gotong_language", "value": tag, "url": person.base}])


def seated(stage, role, code="vn", **wishes):
    """Somebody of a role; who is served is of the demo's bank."""
    return seat(stage, code, role, region.BANK if role in region.SERVED else None, **wishes)


def no_barrier_on_any_page(stage):
    """As the administrator and as somebody of a bank, who together see every place there is."""
    found, pages = {}, 0
    for role in ("administrator", "constituent"):
        person = seated(stage, role)
        paths = [path for path, status in crawl(person).items() if status == 200]
        for tag in LANGUAGES:
            speak(person, tag)
            for path in paths:
                person.visit(path)
                pages += 1
                # The way of the keyboard is that of the page, whatever its language: once is enough.
                lines = sight.all_of(person.page, is_thorough=tag == "en")
                if person.page.evaluate("document.documentElement.lang") != tag:
                    lines.append("the page does not say that it is in %s" % tag)
                for line in lines:
                    # One fault of a template is one line, wherever it shows.
                    found.setdefault((kind_of(path), line), "%s (%s, %s): %s" % (path, role, tag, line))
                if tag in ("en", "km"):
                    person.shot("%s-%s" % (tag, re.sub(r"[^a-z0-9]+", "-", path.lower())[:40].strip("-") or "now"))
        person.close()
    stage.figures["pages"] = pages
    if found:
        raise Trouble("%d barriers: %s" % (len(found), "\n  ".join(list(found.values())[:60])))


def every_place_that_a_menu_shows_opens_and_no_link_is_dead(stage):
    wrong, walked = [], 0
    for role in region.ROLES:
        person = seated(stage, role)
        person.visit("/")
        places = menu(person)
        statuses = crawl(person, depth=2)
        walked += len(statuses)
        wrong += ["%s: the place %s answers %s" % (role, place, statuses.get(place)) for place in places if statuses.get(place) != 200]
        wrong += ["%s: the link %s answers %d" % (role, path, status) for path, status in statuses.items() if status != 200 and path not in places]
        wrong += person.told() if not wrong else []
        person.noticed = []
        person.close()
    stage.figures["walked"] = walked
    if wrong:
        raise Trouble("\n  ".join(wrong[:40]))


CHECKS = [every_place_that_a_menu_shows_opens_and_no_link_is_dead, no_barrier_on_any_page]
