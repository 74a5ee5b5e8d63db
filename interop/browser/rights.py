"""Every role at every route of the console, and an outsider at every route with what is hidden from it. The routes are read from the sources of the console, so
that a page which comes has to say here who may open it; the table is written by hand, as people decided it, and not taken from the program.

A refusal is 403, or 404 where even knowing of the place is a right, or the way to the log-in for who is not in.
"""

import os
import re
import time
import urllib.parse

import region
from entry import seat
from people import Trouble
from stories import begin_share

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "crates", "gotong-web", "src", "console")

RIGHTS = {
    "reader": "read oversee",
    "analyst": "read oversee publish withdraw",
    "duty-officer": "read oversee publish withdraw answer",
    "releasing-officer": "read oversee publish withdraw release answer sources webhooks",
    "liaison": "read oversee answer documents audit",
    "legal": "read oversee documents audit",
    "exercise-director": "read oversee publish withdraw",
    "programme-officer": "read oversee",
    "constituent": "read publish withdraw",
    "constituent-reader": "read",
    "auditor": "read oversee audit",
    "operator": "read oversee documents audit organisations warninglists tokens operate",
    "administrator": "read oversee publish withdraw release answer documents audit organisations warninglists sources tokens operate webhooks",
}
ALL, NOBODY_NEEDS = "read", "anybody"

# Method and route: the rights that open it together, or either side of a stroke; `staff` and `served`
# are the two kinds of people, and `anybody` is before the log-in too.
WHO = {
    "GET /": ALL,
    "GET /intelligence": ALL,
    "GET /intelligence/{id}": ALL,
    "GET /acts/{id}": ALL,
    "GET /assets/{file}": NOBODY_NEEDS,
    "GET /log-in": NOBODY_NEEDS,
    "POST /log-in": NOBODY_NEEDS,
    "GET /log-in/code": NOBODY_NEEDS,
    "POST /log-in/code": NOBODY_NEEDS,
    "GET /log-in/set-up": NOBODY_NEEDS,
    "POST /log-in/set-up": NOBODY_NEEDS,
    "POST /log-out": NOBODY_NEEDS,
    "GET /welcome": NOBODY_NEEDS,
    "POST /welcome": NOBODY_NEEDS,
    "GET /me": ALL,
    "GET /me/second": ALL,
    "POST /me/password": ALL,
    "POST /me/recovery": ALL,
    "POST /me/second": ALL,
    "POST /me/second/confirm": ALL,
    "POST /me/sessions/end": ALL,
    "POST /me/sessions/end-others": ALL,
    "GET /share": "publish",
    "POST /share": "publish",
    "GET /share/{id}": "publish",
    "POST /share/{id}": "publish",
    "GET /intelligence/{id}/withdraw": "withdraw",
    "POST /intelligence/{id}/withdraw": "withdraw",
    "GET /intelligence/{id}/relabel": "withdraw oversee",
    "POST /intelligence/{id}/relabel": "withdraw oversee",
    "GET /intelligence/{id}/graph": ALL,
    "POST /bulk": "withdraw",
    "GET /bulk/{id}": "withdraw",
    "POST /bulk/{id}": "withdraw",
    "GET /live": ALL,
    "GET /provenance": "oversee",
    "GET /provenance.json": "oversee",
    "GET /waiting": "publish oversee",
    "GET /waiting/{number}": "publish oversee",
    "POST /waiting": "release",
    "GET /channels": ALL,
    "GET /channels/{*name}": ALL,
    "GET /report": "publish|staff",
    "POST /report": "publish",
    "GET /received": ALL,
    "GET /download": ALL,
    "GET /downloads": ALL,
    "GET /once/{name}": ALL,
    "GET /programs": "served",
    "POST /programs/make": "served",
    "POST /programs/end": "served",
    "POST /log-in/passkey": NOBODY_NEEDS,
    "POST /me/passkeys": ALL,
    "POST /me/provider": ALL,
    "POST /me/provider/end": ALL,
    "POST /me/passkeys/remove": ALL,
    "GET /notifications": ALL,
    "POST /notifications/read": ALL,
    "POST /notifications/unread": ALL,
    "GET /searches": ALL,
    "POST /searches/address": ALL,
    "POST /searches/address/code": ALL,
    "POST /searches/address/set": ALL,
    "POST /searches/address/forget": ALL,
    "POST /searches/remove": ALL,
    "POST /searches/save": ALL,
    "POST /searches/tell": ALL,
    "GET /help": ALL,
    "GET /help/{page}": ALL,
    "GET /charter": "oversee",
    "GET /charter/documents": "audit",
    "GET /agreements": "oversee",
    "GET /agreements/{name}": "oversee",
    "GET /agreements/{name}/versions/{hash}": "oversee",
    "GET /agreements/{name}/evidence": "audit",
    "GET /agreements/{name}/notice": "oversee documents",
    "POST /agreements/{name}/notice": "oversee documents",
    "GET /documents": "documents",
    "POST /documents": "documents",
    "POST /documents/take": "documents",
    "GET /documents/draft": "documents",
    "POST /documents/draft": "documents",
    "POST /documents/file": "documents",
    "GET /documents/{hash}": "documents|audit",
    "GET /house": "oversee",
    "GET /house/draft": "oversee documents",
    "POST /house/draft": "oversee documents",
    "GET /logs": "audit",
    "GET /logs/archive": "audit",
    "POST /logs/verify": "audit",
    "GET /logs/verify/{id}": "audit",
    "GET /audit": "audit",
    "GET /audit.csv": "audit",
    "GET /operation": "oversee",
    "GET /operation/why": "oversee",
    "GET /sources": "sources",
    "POST /sources/add": "sources",
    "POST /sources/{name}/{act}": "sources",
    "GET /targets": "sources",
    "POST /targets/add": "sources",
    "POST /targets/{name}/{act}": "sources",
    "GET /webhooks": "webhooks",
    "GET /warninglists": "oversee",
    "GET /tokens": "tokens",
    "POST /tokens/make": "tokens",
    "POST /tokens/{id}/end": "tokens",
    "POST /me/settings": ALL,
    "POST /log-in/kept": NOBODY_NEEDS,
    "GET /start": "oversee",
    "POST /start/away": "oversee",
    "POST /start/load": "publish oversee",
    "POST /start/remove": "withdraw oversee",
    "POST /log-in/provider": NOBODY_NEEDS,
    "GET /log-in/provider/back": NOBODY_NEEDS,
    "GET /users": "tokens",
    "POST /users/invite": "tokens",
    "POST /users/{name}/{act}": "tokens",
}
# Answers without an end.
STREAMS = {"/live"}
# Acts that end what the walk stands on; that they need a session is seen by the walk of somebody without one.
NOT_SENT = {"POST /log-out"}


def routes(folder=SOURCES):
    """Method and pattern of every route that the sources of the console name."""
    found = set()
    files = [folder + ".rs"]
    for where, _, names in os.walk(folder):
        files += [os.path.join(where, name) for name in names if name.endswith(".rs")]
    for path in files:
        with open(path, encoding="utf-8") as file:
            text = file.read().split("#[cfg(test)]")[0]
        for match in re.finditer(r'\.route\(\s*"([^"]+)"\s*,', text):
            depth, end = 1, match.end()
            while depth and end < len(text):
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            for method in re.findall(r"\b(get|post|put|delete)\s*\(", text[match.end():end]):
                found.add("%s %s" % (method.upper(), match.group(1)))
    return sorted(found)


def may(role, right):
    has = {*RIGHTS[role].split(), "staff" if role in region.STAFF else "served"}
    return right == NOBODY_NEEDS or any(set(way.split()) <= has for way in right.split("|"))


def fill(pattern, ids):
    return re.sub(r"\{\*?(\w+)\}", lambda match: urllib.parse.quote(ids.get(match.group(1), "none-such"), safe=""), pattern)


class Inside:
    """Somebody's session, used without the browser that made it."""

    def __init__(self, person):
        self.base = person.base
        self.cookie = "; ".join("%s=%s" % (one["name"], one["value"]) for one in person.context.cookies())
        field = person.page.locator("input[name=form_token]").first
        self.form_token = field.get_attribute("value") if field.count() else ""

    def get(self, path):
        return region.ask(self.base, "GET", path, headers=self.headers(), bytes_max=0 if path.split("?")[0] in STREAMS else None)

    def headers(self):
        return {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

    def post(self, path, form=None, site="same-origin"):
        body = urllib.parse.urlencode(form if form is not None else {"form_token": self.form_token}).encode()
        return region.ask(self.base, "POST", path, body=body, headers={"Cookie": self.cookie, "Sec-Fetch-Site": site, "Content-Type": "application/x-www-form-urlencoded"})


# Whole forms: who has no right must be refused for that, and not for something that is missing.
FORMS = {
    "POST /users/invite": {"name": "matrix.nobody", "role": "reader"},
    "POST /share/{id}": {"act": "drop"},
    "POST /intelligence/{id}/withdraw": {"reason": "error", "channel": "rti/indicators"},
    "POST /intelligence/{id}/relabel": {"tlp": "clear", "channel": "rti/indicators"},
    "POST /bulk": {"act": "withdraw", "all": "yes"},
    "POST /bulk/{id}": {"act": "send", "reason": "error"},
    "POST /tokens/make": {"name": "matrix", "role": "reader"},
    "POST /programs/make": {"name": "matrix", "days": "30"},
    "POST /programs/end": {"id": "none-such"},
    "POST /waiting": {"number": "999", "act": "drop"},
    "POST /documents/take": {"text": "nothing"},
    "POST /documents/draft": {"source": "nothing"},
    "POST /documents/file": {"name": "x.note", "text": "nothing"},
    "POST /house/draft": {"source": "nothing"},
    "POST /agreements/{name}/notice": {"kind": "suspend"},
}
# What these routes ask in their addresses; nothing: from the receipt of a record.
QUESTIONS = {"GET /download": {"format": "csv"}, "GET /provenance": {"log": None, "index": None}, "GET /provenance.json": {"log": None, "index": None}}


def location_of(answer):
    return {name.lower(): value for name, value in answer.headers.items()}.get("location", "")


def is_refused(inside, answer):
    if answer.status in (401, 403, 404, 405) or leads_to_log_in(answer):
        return True
    # An act whose page says that it was refused.
    return answer.status == 303 and location_of(answer).startswith("/acts/") and b'class="outcome refused"' in inside.get(location_of(answer)).body


def leads_to_log_in(answer):
    return answer.status == 303 and location_of(answer).startswith("/log-in")


def seated(stage, role, code="vn"):
    person = seat(stage, code, role, region.BANK if role in region.SERVED else None)
    person.visit("/")
    return Inside(person)


def every_role_at_every_route(stage):
    known = routes()
    unsaid = [route for route in known if route not in WHO]
    gone = [route for route in WHO if route not in known]
    if unsaid or gone:
        raise Trouble("nobody has said who may: %s; and there is no longer: %s" % (unsaid, gone))
    member = stage.member("vn")
    record = region.indicator(int(time.time()), "matrix.example")
    receipt = region.publish(member, "rti/indicators", record)["receipt"]
    wrong, asked = [], 0
    for role in region.ROLES:
        inside = seated(stage, role)
        for route in known:
            method, pattern = route.split(" ", 1)
            right = WHO[route]
            if route in NOT_SENT or right == NOBODY_NEEDS:
                continue
            path = fill(pattern, {"id": record["id"], "number": "999"})
            if route in QUESTIONS:
                path += "?" + urllib.parse.urlencode({name: receipt[name] if value is None else value for name, value in QUESTIONS[route].items()})
            form = {"form_token": inside.form_token}
            if not may(role, right):
                form.update(FORMS.get(route, {}))
            answer = inside.get(path) if method == "GET" else inside.post(path, form)
            asked += 1
            if may(role, right):
                # A form that says nothing is refused for that, and one about nothing finds nothing.
                fine = answer.status < 400 if method == "GET" and "{" not in pattern else answer.status < 500 and answer.status not in (401, 403)
                if not fine or leads_to_log_in(answer):
                    wrong.append("%s has the right %s, and %s answers %d" % (role, right, route, answer.status))
            elif not is_refused(inside, answer):
                wrong.append("%s has no right %s, and %s answers %d" % (role, right, route, answer.status))
            if method == "POST":
                asked += 2
                for what, sent in (("without the value of the session", {}), ("with another's value", {"form_token": "a" * 52})):
                    answer = inside.post(path, sent)
                    if answer.status < 400:
                        wrong.append("%s takes a form %s from %s: %d" % (route, what, role, answer.status))
                answer = inside.post(path, site="cross-site")
                if answer.status < 400:
                    wrong.append("%s takes a form of another site from %s: %d" % (route, role, answer.status))
    stage.figures["asked"] = asked
    if wrong:
        raise Trouble("\n  ".join(wrong[:40]))


def who_is_not_in_is_led_to_the_log_in_everywhere(stage):
    base, wrong = stage.member("vn")["base"], []
    for route in routes():
        method, pattern = route.split(" ", 1)
        if WHO.get(route) == NOBODY_NEEDS:
            continue
        path = fill(pattern, {})
        body = b"form_token=x" if method == "POST" else None
        headers = {"Sec-Fetch-Site": "same-origin"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = region.ask(base, method, path, body=body, headers=headers)
        # A stream has no log-in to lead to: "no content" tells a browser not to ask again.
        is_end = route == "GET /live" and answer.status == 204
        good = is_end or (leads_to_log_in(answer) if method == "GET" else answer.status in (401, 403))
        if not good:
            wrong.append("%s answers %d" % (route, answer.status))
    if wrong:
        raise Trouble("\n  ".join(wrong))


def what_one_person_has_begun_is_not_anothers(stage):
    """A share that is not sent, what came of an act, and the sessions of somebody else."""
    owner = seat(stage, "vn", "analyst")
    owner.visit("/")
    begin_share(owner, text="begun-by-one.example")
    parcel = urllib.parse.urlsplit(owner.page.url).path
    kept = Inside(owner)
    owner.visit("/me")
    session = owner.page.locator("input[name=id]").first.get_attribute("value")
    owner.visit("/")
    begin_share(owner, text="dropped-by-one.example")
    owner.click("form:has(input[name=act][value=drop]) button")
    owner.page.wait_for_url("**/acts/*")
    act = urllib.parse.urlsplit(owner.page.url).path
    wrong = ["the owner does not see %s" % path for path in (parcel, act) if kept.get(path).status != 200]
    for role in region.ROLES:
        if role == "analyst":
            continue
        other = seated(stage, role)
        for path in (parcel, act):
            if other.get(path).status not in (403, 404):
                wrong.append("%s opens %s: %d" % (role, path, other.get(path).status))
        for step in ("send", "stop", "drop", "confirm", "change"):
            answer = other.post(parcel, {"form_token": other.form_token, "act": step, "channel": "rti/indicators"})
            if not is_refused(other, answer):
                wrong.append("%s may %s the share of another: %d" % (role, step, answer.status))
        # A session's number, taken from the page of whoever it belongs to.
        other.post("/me/sessions/end", {"form_token": other.form_token, "id": session})
        if kept.get("/").status != 200:
            raise Trouble("%s has ended the session of another" % role)
    if kept.get(parcel).status != 200:
        wrong.append("the share is gone")
    owner.noticed = []
    if wrong:
        raise Trouble("\n  ".join(wrong))


def who_is_served_changes_no_label_not_even_of_its_own(stage):
    vn = stage.member("vn")
    record = region.indicator(int(time.time()) + 2, "own-report.example")
    region.publish(vn, "house/reports/" + region.BANK, record, "amber", token=vn["constituent_token"])
    bank, path = seated(stage, "constituent"), "/intelligence/" + record["id"]
    form = {"form_token": bank.form_token, "channel": "house/reports/" + region.BANK, "tlp": "clear"}
    answer = bank.post(path + "/relabel", form)
    if not is_refused(bank, answer):
        raise Trouble("the bank has changed the label: %d" % answer.status)
    if b"TLP:AMBER" not in bank.get(path).body:
        raise Trouble("the label is not what it was")


def the_stream_of_news_tells_nobody_outside(stage):
    vn = stage.member("vn")
    watchers = {who: seated(stage, role, code) for who, role, code in (("th", "reader", "th"), ("id", "administrator", "id"), ("bank", "constituent", "vn"))}
    streams = {who: region.Stream(inside.base, "/live", inside.headers()) for who, inside in watchers.items()}
    region.wait_until("the streams", lambda: all(stream.text for stream in streams.values()))
    region.publish(vn, "th-vn/incidents", region.indicator(int(time.time()), "between-two.example"), "amber")
    region.wait_until("the news at th", lambda: "news" in streams["th"].text)
    told = {who: "news" in stream.text for who, stream in streams.items()}
    if told != {"th": True, "id": False, "bank": False}:
        raise Trouble("told: %s" % told)
    # What all may know all are told: the streams of the others did listen.
    region.publish(vn, "rti/indicators", region.indicator(int(time.time()) + 1, "for-all.example"), "green")
    try:
        region.wait_until("the news everywhere", lambda: all("news" in stream.text for stream in streams.values()))
    except AssertionError:
        raise Trouble("told only %s" % [who for who, stream in streams.items() if "news" in stream.text]) from None
    for stream in streams.values():
        stream.close()


def calm(body, *ids):
    """A page without what differs by itself: the value of forms, and the id that was asked for."""
    text = body.decode("utf-8", "replace")
    for one in ids:
        text = text.replace(one, "ID").replace(urllib.parse.quote(one, safe=""), "ID").replace(one.replace("-", "&#45;"), "ID")
    return re.sub(r'name="form_token" value="[^"]*"', "", text)


def an_outsider_learns_nothing_at_any_route(stage):
    """What two members share by themselves, and what a bank has told its country: nobody else meets a byte of it, nor a difference to what never was."""
    vn, third = stage.member("vn"), stage.member("id")
    canary, reported, waiting = "quietcanary7f3a.example", "bankcanary19bd.example", "waitcanary5e20.example"
    hidden, report, doubtful = region.indicator(201, canary), region.indicator(202, reported), region.indicator(204, waiting)
    doubtful["pattern"] = doubtful["pattern"].rstrip("]")
    region.publish(vn, "th-vn/incidents", hidden, "amber")
    region.publish(vn, "house/reports/" + region.BANK, report, "amber", token=vn["constituent_token"])
    region.publish(vn, "rti/indicators", doubtful, "green")
    region.wait_until("the record at th", lambda: region.is_known(stage.member("th"), canary))
    outside = region.operate(vn, "PUT", "/api/v1/organisations", {"organisations": [{"code": "other-isp", "name": "Another", "class": "isp"}]})
    if outside.status >= 300:
        outside = region.ask(vn["base"], "GET", "/api/v1/organisations", vn["token"])
    watchers = {
        "staff of a third country": (seated(stage, "administrator", "id"), (canary, reported, waiting)),
        "the same country's bank": (seated(stage, "constituent"), (canary, waiting)),
        "staff of the other country": (seated(stage, "administrator", "th"), (reported, waiting)),
    }
    never = "indicator--5f1c8a40-0000-4000-8000-%012d" % 999_999
    wrong, asked = [], 0
    for who, (inside, secrets) in watchers.items():
        for route in routes():
            method, pattern = route.split(" ", 1)
            if method != "GET" or WHO.get(route) == NOBODY_NEEDS:
                continue
            for record, secret in ((hidden, canary), (report, reported), (doubtful, waiting)):
                if secret not in secrets:
                    continue
                questions = [fill(pattern, {"id": record["id"], "channel": "th-vn/incidents"})]
                if "{" not in pattern:
                    questions += [pattern + "?" + urllib.parse.urlencode({name: value}) for name, value in (("q", secret), ("channel", "th-vn/incidents"), ("author", "vn"))]
                for question in questions:
                    answer = inside.get(question)
                    asked += 1
                    # The question itself may stand on the page; what is searched is everything but that.
                    body = answer.body if secret not in urllib.parse.unquote(question) else answer.body.replace(secret.encode(), b"")
                    if secret.encode() in body or record["name"].encode() in body or (record["id"] not in urllib.parse.unquote(question) and record["id"].encode() in body):
                        wrong.append("%s meets %s at %s" % (who, secret, question))
                if "{id}" in pattern:
                    there, not_there = inside.get(fill(pattern, {"id": record["id"]})), inside.get(fill(pattern, {"id": never}))
                    if there.status != not_there.status or calm(there.body, record["id"]) != calm(not_there.body, never):
                        wrong.append("%s sees at %s that %s exists: %d and %d" % (who, route, record["id"], there.status, not_there.status))
    # Whoever may see it does, at the same addresses: the search above looks in the right place.
    seen = seated(stage, "administrator", "vn")
    for record, secret in ((hidden, canary), (report, reported)):
        if secret.encode() not in seen.get("/intelligence/" + record["id"]).body:
            wrong.append("the control failed: staff of vn do not see %s" % secret)
    stage.figures["asked"] = asked
    if wrong:
        raise Trouble("\n  ".join(wrong[:40]))


CHECKS = [
    every_role_at_every_route,
    who_is_not_in_is_led_to_the_log_in_everywhere,
    what_one_person_has_begun_is_not_anothers,
    who_is_served_changes_no_label_not_even_of_its_own,
    the_stream_of_news_tells_nobody_outside,
    an_outsider_learns_nothing_at_any_route,
]
