"""What people come for, walked from beginning to end, each person in a browser of their own, with the steps and keys that it takes counted against the limits.

A step is something activated or filled in; the page that an act leads to belongs to the act. A key is a press of one, but for what is typed or pasted. The
limits are those of the usability bar (docs/book/console.md).
"""

import glob
import json
import os
import shutil

import region
from entry import gotong, seat
from people import Trouble
import sight
import walk

# Steps of somebody new, keys of somebody used to it.
LIMITS = {"look-up": (2, 3), "paste": (5, 12), "share": (7, 15), "stop": (2, 2), "why-not": (3, 5)}
# Two minutes in which a share can be stopped, and what a busy machine takes besides.
HOLD_MS = 170_000
CHANNEL = "rti/indicators"

# Indicators of no network that there is, in the ways in which advisories write them.
IOCS = (
    ["hxxp://update-%d[.]example/a/b.php" % n for n in range(10)]
    + ["mail%d[.]sample[.]example" % n for n in range(10)]
    + ["203.0.113.%d" % n for n in range(10, 20)]
    + ["198[.]51[.]100[.]%d" % n for n in range(30, 40)]
    + ["%064x" % (0x5EED0000 + n * 7_919) for n in range(10)]
)


def misp_event(name, values):
    """An event as MISP writes one."""
    attributes = [
        {"uuid": "7b1e0c52-0000-4000-8000-%012d" % (1_000 + at), "type": "domain", "category": "Network activity", "value": value, "to_ids": True, "timestamp": "1793491200"}
        for at, value in enumerate(values)
    ]
    return {"Event": {"uuid": "7b1e0c52-0000-4000-8000-%012d" % (int.from_bytes(name.encode()[:5], "big") % 10**12), "info": name, "date": "2026-11-01", "timestamp": "1793491200", "threat_level_id": "2",
                      "analysis": "2", "Tag": [{"name": "tlp:green"}], "Attribute": attributes}}


def expect_within(stage, task, steps=None, keys=None):
    most_steps, most_keys = LIMITS[task]
    stage.figures.setdefault("counted", {})["%s" % task] = {"steps": steps, "of": most_steps} if keys is None else {"keys": keys, "of": most_keys}
    if steps is not None and steps > most_steps or keys is not None and keys > most_keys:
        raise Trouble("the task %s took %s steps or %s keys; at most %d and %d" % (task, steps, keys, most_steps, most_keys))


def outcome(person):
    """The word of the outcome on the page, by its class: done, partly, waits or refused."""
    box = person.page.locator("main .outcome").first
    box.wait_for()
    return next(name for name in ("done", "partly", "waits", "refused") if name in box.get_attribute("class").split())


def begin_share(person, text=None, file=None, channel=CHANNEL, tlp=None):
    """From any page to the check page, as somebody new does it."""
    person.click("nav.places a[href='/share']")
    person.page.locator("#text").wait_for()
    if file:
        person.steps += 1
        person.page.set_input_files("#file", file)
    else:
        person.fill("#text", text)
    person.choose("#channel", channel)
    if tlp:
        person.choose("#tlp", tlp)
    person.click("main form button[type=submit]")
    person.page.wait_for_url("**/share/*")


def events(stage):
    """MISP files to share: one of ours, and a real one where there are any."""
    folder = os.path.join(stage.crowd.pictures, "files")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "event.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(misp_event("A loader seen at three ports", ["harbour-one.example", "harbour-two.example"]), file)
    real = os.environ.get("GOTONG_REAL_DATA")
    if not real:
        stage.figures["real"] = "GOTONG_REAL_DATA is not set: only a file of our own was shared"
        return path, None
    files = sorted(glob.glob(os.path.join(real, "misp-events", "*.json")), key=os.path.getsize)
    stage.figures["real"] = os.path.basename(files[0]) if files else "no misp-events in GOTONG_REAL_DATA"
    return path, files[0] if files else None


def _report(stage):
    """Somebody of a bank tells the country's CERT what was seen; the page on which it is held."""
    bank = seat(stage, "vn", "constituent", region.BANK)
    bank.visit("/")
    bank.click("nav.places a[href='/report']")
    bank.fill("#what", "Customers were called by somebody who asked for their codes and named a page.")
    bank.fill("#values", "https://codes.harbour-caller[.]example/confirm")
    bank.shot("report")
    bank.click("main form button[type=submit]")
    bank.page.wait_for_url("**/share/*")
    for other in ("Thailand", "Indonesia"):
        if other in bank.text():
            raise Trouble("the bank's report would be seen by %s" % other)
    bank.click("button[data-act-key=e]")
    if outcome(bank) != "waits":
        raise Trouble(bank.text()[:200])
    bank.shot("held")
    return bank


def a_file_of_misp_and_a_report_of_a_bank_arrive_without_reloading(stage):
    own, real = events(stage)
    bank = _report(stage)
    sender, other = seat(stage, "vn", "analyst"), seat(stage, "th", "analyst")
    name = "A loader seen at three ports"
    other.visit("/")
    if name in other.text():
        raise Trouble("it is there before it was shared")
    other.page.evaluate("window.__same = true")
    sender.visit("/")
    sender.steps = 0
    begin_share(sender, file=own)
    sender.shot("check")
    for country in ("Indonesia", "Thailand"):
        sender.sees(country)
    if real:
        again = seat(stage, "vn", "duty-officer")
        again.visit("/")
        begin_share(again, file=real)
        again.click("button[data-act-key=e]")
        outcome(again)
        again.shot("real-file-held")
    sender.click("button[data-act-key=e]")
    if outcome(sender) != "waits":
        raise Trouble("no hold: %s" % sender.text()[:200])
    sender.shot("held")
    # Nothing has left while it is held.
    if region.is_known(stage.member("th"), "harbour-one.example"):
        raise Trouble("it left before the hold was over")
    region.wait_until("the record at th", lambda: region.is_known(stage.member("th"), "harbour-one.example"), within_s=HOLD_MS / 1_000)
    pill = other.page.locator("[data-news]:not([hidden])").first
    pill.wait_for(state="visible")
    other.shot("news")
    pill.click()
    other.page.locator("main table.rows").get_by_text(name).first.wait_for()
    if not other.page.evaluate("window.__same === true"):
        raise Trouble("the page was loaded again")
    other.shot("arrived")
    # The sender's page has moved on by itself to what came of it.
    sender.page.wait_for_url("**/acts/*", timeout=60_000)
    if outcome(sender) != "done":
        raise Trouble("the outcome is not done: %s" % sender.text()[:300])
    sender.shot("done")
    bank.page.wait_for_url("**/acts/*", timeout=HOLD_MS)
    value = "https://codes.harbour-caller.example/confirm"
    region.wait_until("the report at the CERT", lambda: region.is_known(stage.member("vn"), value))
    for code in ("th", "id"):
        if region.is_known(stage.member(code), value):
            raise Trouble("the bank's report is known at %s" % code)
    bank.shot("done")
    for person in (sender, other, bank):
        person.expect_quiet()


def a_value_is_looked_up_in_two_steps_and_three_keys(stage):
    member = stage.member("vn")
    region.publish(member, CHANNEL, region.indicator(301, "evil-lookup.example"))
    person = seat(stage, "vn", "reader")
    person.visit("/")
    person.steps = 0
    person.fill("#ask", "hxxp://evil-lookup[.]example")
    person.steps += 1
    person.page.locator("#ask").press("Enter")
    person.page.wait_for_url("**/intelligence?*")
    person.page.locator("main table.rows tbody tr").first.wait_for()
    person.shot("found")
    expect_within(stage, "look-up", steps=person.steps)
    person.visit("/")
    person.keys = 0
    person.press("/")
    person.page.keyboard.insert_text("hxxp://evil-lookup[.]example")
    person.press("Enter")
    person.keys += 1
    person.page.wait_for_url("**/intelligence?*")
    person.page.locator("main table.rows tbody tr").first.wait_for()
    expect_within(stage, "look-up", keys=person.keys)
    person.visit("/intelligence?q=never-heard-of.example")
    person.page.locator("main .empty").wait_for()
    person.shot("nothing")
    person.expect_quiet()


def fifty_indicators_are_pasted_and_every_one_is_read_right(stage):
    person = seat(stage, "vn", "analyst")
    person.visit("/share")
    person.steps = 0
    person.fill("#text", "Advisory\n\n" + "\n".join(IOCS) + "\n")
    person.choose("#channel", CHANNEL)
    person.click("main form button[type=submit]")
    person.page.wait_for_url("**/share/*")
    kinds = person.page.locator("main table.rows tbody tr").count()
    shown = person.text()
    missing = [value for value in IOCS if value.replace("[.]", ".").replace("hxxp", "http") not in shown]
    person.shot("check")
    if missing or kinds < len(IOCS):
        raise Trouble("%d rows; not shown: %s" % (kinds, missing[:5]))
    person.click("button[data-act-key=e]")
    if outcome(person) != "waits":
        raise Trouble(person.text()[:200])
    expect_within(stage, "paste", steps=person.steps)
    person.click("button.stop")
    outcome(person)
    person.expect_quiet()


def a_share_is_stopped_in_its_hold_and_nothing_has_left(stage):
    person = seat(stage, "vn", "analyst")
    person.visit("/")
    person.steps = 0
    begin_share(person, text="stopped-in-time.example", tlp="amber")
    person.click("button[data-act-key=e]")
    outcome(person)
    expect_within(stage, "share", steps=person.steps)
    person.keys = 0
    person.press("s")
    person.page.wait_for_url("**/acts/*")
    expect_within(stage, "stop", keys=person.keys)
    if outcome(person) != "done":
        raise Trouble(person.text()[:200])
    person.shot("stopped")
    begin_share(person, text="stopped-by-hand.example", tlp="amber")
    person.click("button[data-act-key=e]")
    outcome(person)
    person.steps = 0
    person.click("button.stop")
    person.page.wait_for_url("**/acts/*")
    expect_within(stage, "stop", steps=person.steps)
    for value in ("stopped-in-time.example", "stopped-by-hand.example"):
        for code in ("vn", "th", "id"):
            if region.is_known(stage.member(code), value):
                raise Trouble("%s is known at %s" % (value, code))
    person.expect_quiet()


def a_share_goes_by_keyboard_alone_at_twice_the_size_in_thai(stage):
    person = seat(stage, "vn", "analyst", viewport={"width": 640, "height": 400}, device_scale_factor=2)
    walk.speak(person, "th")
    person.visit("/")
    person.keys = 0
    for key in ("g", "s"):
        person.press(key)
    person.page.wait_for_url("**/share")
    page = person.page

    def focused():
        return page.evaluate("document.activeElement.id || document.activeElement.type || document.activeElement.localName")

    def tab_to(name):
        for _ in range(40):
            if focused() == name:
                return
            person.press("Tab")
        raise Trouble("Tab does not come to %s" % name)

    person.press("Tab")
    person.press("Enter")  # Past the bar and the places, by the link that skips them.
    tab_to("text")
    page.keyboard.insert_text("by-keyboard-alone.example")
    tab_to("channel")
    page.keyboard.type("rti/i")
    tab_to("tlp")
    page.keyboard.type("TLP:A")
    tab_to("submit")
    covered = [line for line in [sight.focus_fault(page)] if line]
    person.press("Enter")
    page.wait_for_url("**/share/*")
    person.shot("check", whole=False)
    if page.locator("#channel").count() and page.locator("#channel").input_value() != CHANNEL:
        raise Trouble("the channel chosen by keys is %s" % page.locator("#channel").input_value())
    person.press("e")
    if outcome(person) != "waits":
        raise Trouble(person.text()[:200])
    expect_within(stage, "share", keys=person.keys)
    if covered:
        raise Trouble("; ".join(covered))
    if page.evaluate("document.documentElement.lang") != "th":
        raise Trouble("the page is not in Thai")
    person.press("s")
    page.wait_for_url("**/acts/*")
    person.expect_quiet()


def a_withdrawal_takes_it_from_every_country(stage):
    record = region.indicator(310, "taken-back.example", name="A name that was wrong")
    region.publish(stage.member("vn"), CHANNEL, record)
    region.wait_until("the record at th", lambda: region.is_known(stage.member("th"), "taken-back.example"))
    path = "/intelligence/" + record["id"]
    other, person = seat(stage, "th", "analyst"), seat(stage, "vn", "analyst")
    if other.visit(path) != 200:
        raise Trouble("th does not see it before")
    if other.page.locator("a[href$='/withdraw']").count():
        raise Trouble("another country is offered to withdraw it")
    person.visit(path)
    person.click("a[href$='/withdraw']")
    person.page.wait_for_url("**/withdraw")
    person.sees("Thailand")
    person.choose("#reason", "error")
    person.shot("before")
    # Held first, and undone: it stays where it is.
    person.click("main form button.stop")
    person.page.wait_for_url("**/bulk/*")
    person.sees("A name that was wrong")
    person.shot("held")
    person.click(".outcome.waits button.stop")
    person.page.wait_for_url("**/acts/*")
    if outcome(person) != "done" or other.visit(path) != 200:
        raise Trouble("what was undone is gone: " + person.text()[:300])
    # And then at once, as whoever cannot wait says.
    person.visit(path + "/withdraw")
    person.choose("#reason", "error")
    person.click("main form button[name=now]")
    person.page.wait_for_url("**/acts/*")
    if outcome(person) != "done":
        raise Trouble(person.text()[:300])
    person.shot("done")
    region.wait_until("its absence at th", lambda: not region.is_known(stage.member("th"), "taken-back.example"))
    with other.expecting(r"answered 404"):
        if other.visit(path) != 404 or "A name that was wrong" in other.text("body"):
            raise Trouble("th still shows it")
        other.shot("gone")
        other.told()
    person.expect_quiet()


PACT = """
handle = "pact"
title = "Cases of two ports"
purpose = "To share cases between two ports"
legal_basis = "None"
parties = ["th", "vn"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "All"
text = "Cases are shared between the two ports."
[[channel_types]]
type = "cases"
clause = "1"
ceiling = "amber+strict"
purpose = "Cases"
"""


def _signed(stage, folder):
    """The agreement as each of the two signs it at a machine that is not on any network: the console never sees a root key."""
    source, note = os.path.join(folder, "pact.toml"), os.path.join(folder, "pact.note")
    with open(source, "w", encoding="utf-8") as file:
        file.write(PACT)
    charter = os.path.join(os.path.dirname(stage.member("vn")["data"]), "charter.note")
    gotong("agreement", "new", source, "--charter", charter, "--out", note)
    signed = {}
    for code in ("vn", "th"):
        signed[code] = os.path.join(folder, "pact-%s.note" % code)
        shutil.copyfile(note, signed[code])
        gotong("agreement", "sign", signed[code], "--charter", charter, "--root", os.path.join(stage.member(code)["data"], "root", "root.key"))
    return signed


def two_countries_sign_an_agreement_and_its_channel_opens(stage):
    folder = os.path.join(stage.crowd.pictures, "files")
    os.makedirs(folder, exist_ok=True)
    signed = _signed(stage, folder)
    people = {code: seat(stage, code, "liaison") for code in ("vn", "th", "id")}
    for code, other in (("vn", "Thailand"), ("th", "Viet Nam")):
        person = people[code]
        person.visit("/channels")
        if "pact/cases" in person.text():
            raise Trouble("the channel is there before both have signed")
        person.click("nav.places a[href='/agreements']")
        person.click("main a[href='/documents']")
        person.page.wait_for_url("**/documents")
        person.page.set_input_files("#file", signed[code])
        person.click("main form button[type=submit]")
        person.page.wait_for_load_state("load")
        person.sees("pact/cases")
        if code == "vn":
            person.sees(other)
        person.shot("check")
        person.click("form[action='/documents/take'] button[type=submit]")
        person.page.wait_for_url("**/acts/*")
        outcome(person)
        person.shot("handed-in")
    for code in ("vn", "th"):
        person = people[code]

        def opened():
            person.visit("/channels")
            return "pact/cases" in person.text()

        region.wait_until("the channel at %s" % code, opened)
        person.shot("open")
        person.expect_quiet()
    people["id"].visit("/channels")
    if "pact" in people["id"].text("body"):
        raise Trouble("a third country learns of it")
    people["id"].visit("/agreements")
    if "pact" in people["id"].text("body"):
        raise Trouble("a third country learns of the agreement")


def _carried(person, folder, *command):
    """Takes the draft and the charter from the page, signs the draft at a machine that is not on any network, brings it back and hands it in."""
    with person.page.expect_download() as waits:
        person.click("form[action='/documents/file'] button[type=submit]")
    note = os.path.join(folder, waits.value.suggested_filename)
    waits.value.save_as(note)
    with person.page.expect_download() as waits:
        person.click("main a[download='charter.note']")
    charter = os.path.join(folder, "carried-charter.note")
    waits.value.save_as(charter)
    if waits.value.suggested_filename != "charter.note":
        raise Trouble("the charter is called %s" % waits.value.suggested_filename)
    gotong(*command, note, "--charter", charter, "--root", os.path.join(person.data, "root", "root.key"))
    person.page.set_input_files("#file", note)
    person.click("form[action='/documents'] button[type=submit]")
    person.page.wait_for_load_state("load")
    person.shot("check")
    person.click("form[action='/documents/take'] button[type=submit]")
    person.page.wait_for_url("**/acts/*")
    outcome(person)
    person.shot("handed-in")


def the_house_rule_is_amended_and_signed_far_from_the_node(stage):
    folder = os.path.join(stage.crowd.pictures, "files")
    os.makedirs(folder, exist_ok=True)
    person = seat(stage, "vn", "liaison")
    person.data = stage.member("vn")["data"]
    person.visit("/charter")
    person.click("main a[href='/house']")
    person.page.wait_for_url("**/house")
    person.sees("rti/indicators")
    person.shot("house")
    person.click("main a[href='/house/draft']")
    person.page.wait_for_url("**/house/draft")
    rule = person.page.input_value("#source")
    given = rule.rpartition("[[classes.reads_house]]")
    if 'ceiling = "green"' not in given[2]:
        raise Trouble("the rule that counts does not stand in the form: %s" % rule)
    person.page.fill("#source", "".join(given[:2]) + given[2].replace('ceiling = "green"', 'ceiling = "orange"', 1))
    with person.expecting("422"):
        person.click("form[action='/house/draft'] button[type=submit]")
        person.sees("does not hold")
        if "orange" not in person.page.input_value("#source"):
            raise Trouble("what was typed is gone")
        person.shot("wrong")
    person.page.fill("#source", "".join(given[:2]) + given[2].replace('ceiling = "green"', 'ceiling = "amber"', 1))
    person.click("form[action='/house/draft'] button[type=submit]")
    person.sees("reads more")
    person.sees("house/national")
    person.shot("drafted")
    _carried(person, folder, "house", "sign")
    person.visit("/house")
    person.sees("What changed")
    person.shot("after")
    person.expect_quiet()


def a_country_lets_its_part_rest_and_go_on(stage):
    folder = os.path.join(stage.crowd.pictures, "files")
    os.makedirs(folder, exist_ok=True)
    person = seat(stage, "vn", "liaison")
    person.data = stage.member("vn")["data"]
    for kind, turn in (("suspend", "closes"), ("resume", "opens")):
        person.visit("/agreements/rti")
        person.click("main a[href='/agreements/rti/notice']")
        person.page.wait_for_url("**/notice")
        person.page.check("input[name=kind][value=%s]" % kind)
        person.page.fill("#reason", "A rehearsal of <b>ours</b>")
        person.click("form[action='/agreements/rti/notice'] button[type=submit]")
        person.page.wait_for_load_state("load")
        person.sees(turn)
        person.sees("A rehearsal of <b>ours</b>")
        person.shot(kind)
        _carried(person, folder, "agreement", "sign")
    person.visit("/agreements/rti")
    person.sees("resumes its part")
    person.expect_quiet()


def why_a_share_did_not_reach_a_partner_is_found_in_three_steps(stage):
    record = region.indicator(320, "only-for-two.example")
    region.publish(stage.member("vn"), "th-vn/incidents", record, "amber")
    person = seat(stage, "vn", "duty-officer")
    person.visit("/intelligence/" + record["id"])
    person.steps = 0
    person.click("main a[href*='/operation/why']")
    person.page.wait_for_url("**/operation/why*")
    row = person.page.locator("main table.rows tbody tr", has_text="Indonesia").first
    row.wait_for()
    if not row.locator(".clause").count():
        raise Trouble("no clause is named for Indonesia: %s" % row.inner_text())
    person.shot("why")
    expect_within(stage, "why-not", steps=person.steps)
    person.expect_quiet()


def a_refusal_is_explained_by_its_clause(stage):
    person = seat(stage, "vn", "analyst")
    person.visit("/")
    begin_share(person, text="far-too-strict.example", tlp="red")
    person.shot("refused")
    clause = person.page.locator("main .clause", has_text="4.2").first
    clause.wait_for()
    text = person.text()
    for part in ("TLP:RED", "TLP:AMBER", "rti"):
        if part not in text:
            raise Trouble("%s does not stand in the explanation" % part)
    if person.page.locator("button[data-act-key=e]").count():
        raise Trouble("what is refused can be sent")
    person.expect_quiet()


CHECKS = [
    a_value_is_looked_up_in_two_steps_and_three_keys,
    fifty_indicators_are_pasted_and_every_one_is_read_right,
    a_share_is_stopped_in_its_hold_and_nothing_has_left,
    a_share_goes_by_keyboard_alone_at_twice_the_size_in_thai,
    a_refusal_is_explained_by_its_clause,
    a_withdrawal_takes_it_from_every_country,
    two_countries_sign_an_agreement_and_its_channel_opens,
    the_house_rule_is_amended_and_signed_far_from_the_node,
    a_country_lets_its_part_rest_and_go_on,
    why_a_share_did_not_reach_a_partner_is_found_in_three_steps,
    a_file_of_misp_and_a_report_of_a_bank_arrive_without_reloading,
]
