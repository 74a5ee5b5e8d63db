"""The fourteen languages: switching to each, and no key, English sentence or broken mark left on any page that the walk knows.

What a page says by itself is compared with its English twin: a heading, label, button or column that is the same in both was not translated, unless it is a name
that all languages write alike. What records say is theirs, and is not looked at.
"""

import re

import region
import walk
from entry import seat
from people import Trouble

TAGS = ("en", "id", "ms", "vi", "th", "km", "lo", "my", "fil", "zh", "ta", "pt", "fr", "tet")
# Own words of pages: not what records, people and agreements say.
SPOKEN = "h1, h2, label, button, legend, caption, main th[scope=col], summary, .hint, nav.places a, .skip, .foot a, .empty b"
# Written alike everywhere, alone or beside signs and numbers.
ALIKE = re.compile(r"^(STIX( 2\.1)?|MISP|TLP(:[A-Z+]+)?|PAP|API|CSV|PDF|JSON|URL|ID|UTC|Gotong|MiB|Shadowserver|Help|[\d\W_]+)$")
KEY = re.compile(r"^(shell|log-in|now|intelligence|object|share|withdraw|agreements|charter|channels|sources|logs|users|tokens|audit|operation|portal|notifications|help|rows|outcome|moment|terms|me)(-[a-z0-9]+){1,6}$")
# Languages of other scripts: a sentence of Latin letters alone is a foreign one there.
OTHER_SCRIPTS = ("th", "km", "lo", "my", "zh", "ta")

_TEXTS = """
(spoken) => [...document.querySelectorAll(spoken)].filter((one) => !one.closest("bdi, .value, code, pre, dialog, [lang]:not(html), .told"))
  .map((one) => [...one.childNodes].filter((node) => node.nodeType === 3 || node.localName === "wbr" || node.localName === "b" && false).map((node) => node.textContent ?? "").join("").trim()).filter((text) => text)
"""


def texts(person):
    return [" ".join(text.split()) for text in person.page.evaluate(_TEXTS, SPOKEN)]


def _own(words, shown):
    """What stands on the English page too and is longer than one word, or a word of which the languages have their own."""
    return {text for text in words if text in shown and not ALIKE.match(text) and len(text) > 3}


def every_language_says_every_page(stage):
    people = [(role, seat(stage, "vn", role, region.BANK if role in region.SERVED else None)) for role in ("administrator", "constituent")]
    wrong, pages = {}, 0
    for role, person in people:
        with person.expecting(r"answered 4\d\d"):
            # One page of each kind says the words of all.
            kinds = {walk.kind_of(path): path for path, status in walk.crawl(person, depth=2).items() if status == 200}
            paths = list(kinds.values())
            person.told()
        english = {}
        walk.speak(person, "en")
        for path in paths:
            person.visit(path)
            english[path] = set(texts(person))
        for tag in TAGS:
            walk.speak(person, tag)
            for path in paths:
                person.visit(path)
                pages += 1
                words = texts(person)
                lang = person.page.evaluate("document.documentElement.lang")
                if lang.split("-")[0] != tag:
                    wrong.setdefault(("lang", tag), "%s says that it is in %r when asked for %s" % (path, lang, tag))
                for text in person.page.locator("body").inner_text().split():
                    if KEY.match(text):
                        wrong.setdefault((tag, text), "%s (%s): the key %s has no words" % (path, tag, text))
                if "{$" in person.page.locator("body").inner_text() or "{ $" in person.page.locator("body").inner_text():
                    wrong.setdefault((tag, path, "placeholder"), "%s (%s): a place for a value was not filled" % (path, tag))
                if tag == "en":
                    continue
                left = _own(words, english[path])
                if tag not in OTHER_SCRIPTS:
                    # Kindred languages share single words.
                    left = {text for text in left if len(text.split()) > 2}
                for text in left:
                    wrong.setdefault((tag, text), "%s (%s): not translated: %r" % (path, tag, text))
        person.told()
        person.close()
    stage.figures["pages"] = pages
    if wrong:
        by_language = {}
        for key in wrong:
            by_language[key[0]] = by_language.get(key[0], 0) + 1
        raise Trouble("%d (%s):\n  %s" % (len(wrong), by_language, "\n  ".join(list(wrong.values())[:50])))


def somebody_chooses_each_language_by_the_page(stage):
    """The choice stands on the page of one's own settings, and stays after leaving and coming back."""
    person = seat(stage, "vn", "analyst")
    person.visit("/me")
    field = person.page.locator("select[name=language]").first
    if not field.count():
        raise Trouble("there is no choice of language on /me")
    values = field.locator("option").evaluate_all("all => all.map((one) => one.value).filter((one) => one)")
    missing = [tag for tag in TAGS if tag not in values]
    if missing:
        raise Trouble("no choice of %s" % missing)
    for tag in TAGS:
        person.visit("/me")
        person.page.locator("select[name=language]").first.select_option(tag)
        person.page.locator("form:has(select[name=language]) button[type=submit]").first.click()
        person.page.wait_for_load_state("load")
        person.visit("/")
        if person.page.evaluate("document.documentElement.lang").split("-")[0] != tag:
            raise Trouble("after %s was chosen the page speaks %s" % (tag, person.page.evaluate("document.documentElement.lang")))
        person.shot(tag, whole=False)
    person.visit("/me")
    person.page.locator("select[name=language]").first.select_option("en")
    person.page.locator("form:has(select[name=language]) button[type=submit]").first.click()
    person.expect_quiet()


def the_check_of_languages_sees_what_is_missing(stage):
    blind = []
    if not KEY.match("withdraw-reason-privacy") or not KEY.match("now-title") or KEY.match("vn-updates"):
        blind.append("keys")
    if _own(["Who will receive it", "ผู้รับ", "STIX 2.1"], {"Who will receive it", "STIX 2.1"}) != {"Who will receive it"}:
        blind.append("sentences")
    if blind:
        raise Trouble("blind for %s" % blind)


CHECKS = [the_check_of_languages_sees_what_is_missing, every_language_says_every_page, somebody_chooses_each_language_by_the_page]
