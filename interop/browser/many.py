"""One act on many records: two hundred are withdrawn by one act and undone within the limits of the task, by hand and by keys; rows are ticked by range and found
ticked again; the list stands still while news come; and then two hundred are withdrawn for real and gone at the other country's node.
"""

import region
from entry import seat
from people import Trouble
from stories import CHANNEL, HOLD_MS, expect_within, outcome
import stories

stories.LIMITS["many"] = (5, 8)
MANY = 200
QUESTION = "/intelligence?q=duplicates-of-one-feed"


def value(number):
    return "dup-%d.harbour-feed.example" % number


def _published(stage):
    """Two hundred records that should not be there twice."""
    member = stage.member("vn")
    if region.is_known(member, value(MANY)):
        return
    for number in range(1, MANY + 1):
        record = region.indicator(70_000 + number, value(number), name="Duplicate %d <b>of</b> one feed" % number, description="duplicates-of-one-feed")
        region.publish(member, CHANNEL, record)
    region.wait_until("them at th", lambda: region.is_known(stage.member("th"), value(MANY)))


def _found(person):
    """The list of all of them."""
    person.visit(QUESTION)
    caption = person.page.locator("main table.rows caption").first
    if str(MANY) not in caption.inner_text():
        raise Trouble("not all are found: %s" % caption.inner_text())


def two_hundred_are_withdrawn_by_one_act_and_undone(stage):
    _published(stage)
    person = seat(stage, "vn", "analyst")
    _found(person)
    person.shot("list", whole=False)
    person.steps = 0
    person.click("input[name=all]")
    person.shot("ticked", whole=False)
    person.click("button[value=withdraw]")
    person.page.wait_for_url("**/bulk/*")
    for told in ("Withdraw %d records" % MANY, "Thailand", "Indonesia", CHANNEL):
        person.sees(told)
    person.choose("#reason", "superseded")
    person.shot("check")
    person.click("button[data-act-key=e]")
    if outcome(person) != "waits":
        raise Trouble(person.text()[:200])
    person.shot("held")
    held = person.page.url
    person.click("button[data-act-key=u]")
    person.page.wait_for_url("**/acts/*")
    if outcome(person) != "done":
        raise Trouble(person.text()[:200])
    person.shot("undone")
    expect_within(stage, "many", steps=person.steps)
    # The same by keys alone.
    _found(person)
    person.keys = 0
    person.press("a")
    if person.page.locator(".pick input:checked").count() != person.page.locator(".pick input[type=checkbox]").count():
        raise Trouble("the rows of the page do not show that all are chosen")
    person.press("w")
    person.page.wait_for_url("**/bulk/*")
    # A person sees where the cursor is; a machine that is quicker than the page has to look.
    person.page.wait_for_function("document.activeElement.id === 'reason'")
    person.press("S")
    person.press("Tab")
    person.press("Enter")
    if outcome(person) != "waits":
        raise Trouble(person.text()[:200])
    # It stands among what waits, and can be undone there, too.
    other = person.new_page()
    other.goto(person.base + "/", wait_until="load")
    if not other.locator("main form:has(input[value=undo])").count():
        raise Trouble("the first page does not show what is held")
    other.close()
    person.press("u")
    person.page.wait_for_url("**/acts/*")
    if outcome(person) != "done" or "any of the %d records" % MANY not in person.text():
        raise Trouble(person.text()[:200])
    expect_within(stage, "many", keys=person.keys)
    if person.visit(held) != 200:
        raise Trouble("what was undone cannot be looked at again")
    # All are back, with their links, here and there: nothing was taken away.
    for code in ("vn", "th"):
        gone = [number for number in range(1, MANY + 1, 7) if not region.is_known(stage.member(code), value(number))]
        if gone:
            raise Trouble("%s lacks %s" % (code, gone))
    _found(person)
    person.expect_quiet()


def rows_are_ticked_by_range_and_stand_still_while_news_come(stage):
    _published(stage)
    person = seat(stage, "vn", "analyst")
    _found(person)
    boxes = person.page.locator(".pick input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(5).click(modifiers=["Shift"])
    if person.page.locator(".pick input:checked").count() != 5:
        raise Trouble("%d are ticked" % person.page.locator(".pick input:checked").count())
    person.sees("Chosen: 5")
    person.shot("range", whole=False)
    before = person.page.locator("main table.rows tbody th").all_inner_texts()
    region.publish(stage.member("vn"), CHANNEL, region.indicator(79_000, "news.harbour-feed.example", description="duplicates-of-one-feed"))
    person.page.locator("[data-news]:not([hidden])").first.wait_for(state="visible")
    if person.page.locator("main table.rows tbody th").all_inner_texts() != before:
        raise Trouble("the list moved while somebody was choosing")
    person.page.locator("main table.rows tbody th a").first.click()
    person.page.wait_for_url("**/intelligence/*")
    person.page.go_back()
    person.page.wait_for_url("**/intelligence?*")
    region.wait_until("the boxes as they were", lambda: person.page.locator(".pick input:checked").count() >= 4)
    person.page.locator("input[name=page]").check()
    person.click("button[value=withdraw]")
    person.page.wait_for_url("**/bulk/*")
    person.sees("Withdraw 50 records")
    person.click("form:has(input[value=leave]) button")
    person.page.wait_for_url("**/acts/*")
    small = seat(stage, "vn", "duty-officer", viewport={"width": 360, "height": 700})
    small.visit(QUESTION)
    small.shot("narrow", whole=False)
    person.expect_quiet()


def two_hundred_are_withdrawn_for_real_and_gone_in_the_other_country(stage):
    _published(stage)
    person = seat(stage, "vn", "duty-officer")
    person.visit(QUESTION + "&author=vn")
    person.click("input[name=all]")
    person.click("button[value=withdraw]")
    person.page.wait_for_url("**/bulk/*")
    person.choose("#reason", "superseded")
    person.click("button[data-act-key=e]")
    if outcome(person) != "waits":
        raise Trouble(person.text()[:200])
    for code in ("vn", "th"):
        if not region.is_known(stage.member(code), value(1)):
            raise Trouble("it went before the hold was over")
    # The page moves on by itself to what came of it.
    person.page.wait_for_url("**/acts/*", timeout=HOLD_MS)
    if outcome(person) != "done" or "cannot be undone" not in person.text():
        raise Trouble(person.text()[:300])
    person.shot("done")
    for code in ("vn", "th", "id"):
        for number in (1, 77, MANY):
            region.wait_until("the absence of %d at %s" % (number, code), lambda: not region.is_known(stage.member(code), value(number)))
    other = seat(stage, "th", "analyst")
    other.visit(QUESTION)
    if other.page.locator("main table.rows").count():
        raise Trouble("th still shows some: %s" % other.text()[:200])
    other.shot("gone")
    person.expect_quiet()
    other.expect_quiet()


CHECKS = [
    two_hundred_are_withdrawn_by_one_act_and_undone,
    rows_are_ticked_by_range_and_stand_still_while_news_come,
    two_hundred_are_withdrawn_for_real_and_gone_in_the_other_country,
]
