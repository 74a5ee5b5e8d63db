"""What every page must be for every eye and hand: no barrier that axe-core finds, nothing wider than the screen or cut off, every act within reach of the
keyboard with the focus to be seen.

Checks answer with a list of sentences; an empty list is a page in order. `controls.py` shows that each of them sees what it looks for.
"""

import importlib.util
import os

# WCAG 2.2 up to level AA, and what axe's authors hold to be good practice everywhere.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ("light", "dark")
# More stops than any page of ours has.
STOPS_MAX = 600


def axe_source():
    """axe-core as its package carries it; it is for tests alone."""
    spec = importlib.util.find_spec("axe_playwright_python")
    with open(os.path.join(os.path.dirname(spec.origin), "axe.min.js"), encoding="utf-8") as file:
        return file.read()


_SOURCE = None

_RUN_AXE = """
async (tags) => {
  const found = await window.axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload: false});
  return found.violations.map((violation) => ({
    id: violation.id, impact: violation.impact, help: violation.help,
    nodes: violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")}: ${node.any.concat(node.all, node.none).map((check) => check.message).join("; ")}`),
    count: violation.nodes.length,
  }));
}
"""


def axe(page):
    """What axe-core finds on the page as it stands."""
    global _SOURCE
    _SOURCE = _SOURCE or axe_source()
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SOURCE + "; undefined")
    found = page.evaluate(_RUN_AXE, TAGS)
    return ["axe %s (%s, %d): %s [%s]" % (one["id"], one["impact"], one["count"], one["help"], " | ".join(one["nodes"])[:400]) for one in found]


def axe_in_both_themes(page):
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found += ["%s: %s" % (theme, line) for line in axe(page)]
    page.emulate_media(color_scheme="light")
    return found


_WIDTHS = """
() => {
  const wide = document.documentElement.clientWidth, found = [];
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "", classes = [...element.classList].map((one) => `.${one}`).join("");
    return `<${element.localName}${id}${classes}> ${element.textContent.trim().slice(0, 40)}`;
  };
  const isUnseen = (element) => element.closest(".unseen, .skip, [hidden]") !== null;
  if (document.documentElement.scrollWidth > wide + 1) found.push(`the page is ${document.documentElement.scrollWidth} wide on a screen of ${wide}`);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.width < 2 || box.height < 2 || style.visibility === "hidden" || isUnseen(element) || element.closest("svg") !== null && element.localName !== "svg") continue;
    let inScroller = false;
    for (let above = element.parentElement; above; above = above.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(above).overflowX) && above !== document.body && above !== document.documentElement) { inScroller = true; break; }
    }
    if (!inScroller && (box.right > wide + 1 || box.left < -1)) found.push(`reaches from ${Math.round(box.left)} to ${Math.round(box.right)} on a screen of ${wide}: ${name(element)}`);
    // What is typed may be longer than its field, and moves there under the caret.
    const isField = ["input", "textarea", "select"].includes(element.localName);
    const hides = (axis) => ["hidden", "clip"].includes(axis);
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1 && !isField) found.push(`cut off at the side: ${name(element)}`);
    if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 1 && !isField) found.push(`cut off below: ${name(element)}`);
  }
  return found.slice(0, 8);
}
"""


def widths(page):
    """What is wider than the screen, sticks out of it, or is cut off."""
    return page.evaluate(_WIDTHS)


_ACTS = """
() => {
  const isSeen = (element) => element.checkVisibility({visibilityProperty: true, contentVisibilityAuto: false}) && element.getClientRects().length > 0;
  const radios = new Set();
  let number = 0;
  const acts = [];
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0'], [contenteditable='true']")) {
    if (element.disabled || element.type === "hidden" || !isSeen(element)) continue;
    if (element.localName === "summary" && element.parentElement?.localName !== "details") continue;
    if (element.type === "radio") {
      const group = `${element.form?.id}/${element.name}`;
      if (radios.has(group)) continue;
      radios.add(group);
      for (const one of document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)) one.dataset.actNumber = String(number);
    }
    element.dataset.actNumber = String(number++);
    acts.push(`<${element.localName}${element.name ? ` name=${element.name}` : ""}> ${(element.getAttribute("aria-label") || element.textContent || element.value || "").trim().slice(0, 40)}`);
  }
  document.activeElement?.blur?.();
  window.getSelection()?.removeAllRanges();
  window.scrollTo(0, 0);
  return acts;
}
"""

_FOCUS = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  const picture = () => { const style = getComputedStyle(element); return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecoration].join("|"); };
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const focused = picture();
  const points = [[box.left + box.width / 2, box.top + box.height / 2], [box.left + 3, box.top + 3], [box.right - 3, box.bottom - 3], [box.left + 3, box.bottom - 3]];
  const isUncovered = points.some(([x, y]) => { const top = document.elementFromPoint(x, y); return top && (element.contains(top) || top.contains(element) || top.closest("label")?.control === element); });
  return {
    number: element.dataset.actNumber ?? null, isMarked, isUncovered, focused,
    name: `<${element.localName}${element.name ? ` name=${element.name}` : ""}> ${(element.getAttribute("aria-label") || element.textContent || "").trim().slice(0, 40)}`,
  };
}
"""


def keyboard(page):
    """Walks with Tab from the top: which acts are never reached, where the focus cannot be seen or is covered, whether it is caught somewhere."""
    acts = page.evaluate(_ACTS)
    if len(acts) > STOPS_MAX:
        return ["more than %d acts on one page" % STOPS_MAX]
    reached, found, last, same = set(), [], None, 0
    for _ in range(len(acts) + 12):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None:
            if reached:
                break
            continue
        if focus["number"] is not None:
            if focus["number"] in reached and len(reached) >= len(acts):
                break
            reached.add(focus["number"])
        if not focus["isMarked"]:
            found.append("the focus cannot be seen on %s" % focus["name"])
        if not focus["isUncovered"]:
            found.append("something covers the focused %s" % focus["name"])
        same = same + 1 if focus["name"] == last and focus["number"] is None else 0
        last = focus["name"]
        if same > 3:
            found.append("the focus is caught in %s" % last)
            break
    missed = [name for number, name in enumerate(acts) if str(number) not in reached]
    if missed:
        found.append("Tab does not reach %d of %d acts: %s" % (len(missed), len(acts), "; ".join(missed[:4])))
    return found[:8]


def focus_fault(page):
    """What is wrong with the focus where it stands, or nothing."""
    focus = page.evaluate(_FOCUS)
    if focus is None:
        return "nothing has the focus"
    if not focus["isMarked"]:
        return "the focus cannot be seen on %s" % focus["name"]
    return None if focus["isUncovered"] else "something covers the focused %s" % focus["name"]


def names(page):
    """Things that a screen reader would call by nothing or by the same word for different ends."""
    return page.evaluate("""
    () => [...document.querySelectorAll("[id]")].map((one) => one.id).filter((id, at, all) => all.indexOf(id) !== at).map((id) => `two things are called #${id}`)
    """)


def all_of(page, is_thorough=True):
    """Everything above, as a page is met: wide, on a phone, at twice the size, in both themes, by keyboard."""
    found = axe_in_both_themes(page) + names(page)
    page.set_viewport_size({"width": 360, "height": 740})
    found += ["at 360 px: %s" % line for line in widths(page)]
    # Half of 1280: what a reader at 200 % has.
    page.set_viewport_size({"width": 640, "height": 400})
    found += ["at 200 %%: %s" % line for line in widths(page)]
    if is_thorough:
        found += ["at 200 %%: %s" % line for line in keyboard(page)]
    page.set_viewport_size({"width": 1280, "height": 800})
    found += ["at 1280 px: %s" % line for line in widths(page)]
    return found
