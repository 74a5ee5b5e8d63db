// What a page gains where scripts run: keys, a palette of places, news by server-sent events, drafts that are kept. Every core task works without it.
// Nothing is written as markup from data: text goes in as text, so that no record can become a page.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
  const keysAreOn = () => document.body.dataset.keys !== "off";

  /** Says a sentence to the eyes and to screen readers; it goes after ten seconds. */
  const tell = (text, link) => {
    const told = one("#told");
    if (!told) return;
    const line = document.createElement(link ? "a" : "p");
    line.textContent = text;
    if (link) line.href = link;
    told.append(line);
    setTimeout(() => line.remove(), 10_000);
  };

  // ---- Keys: "/" asks, "g x" goes, "?" shows them all, Ctrl-K opens the palette. One registry: the places' own data-key.
  let isGoing = false;
  const go = (key) => one(`.places a[data-key="${CSS.escape(key)}"]`)?.click();
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !keysAreOn()) return;
    if (isGoing) {
      isGoing = false;
      go(event.key);
      return;
    }
    const rows = all(".rows tbody tr");
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const focus = (row) => one("th a, td a, input", row)?.focus();
    switch (event.key) {
      case "/": event.preventDefault(); one("#ask")?.focus(); one("#ask")?.select(); break;
      case "g": isGoing = true; setTimeout(() => { isGoing = false; }, 1_500); break;
      case "?": event.preventDefault(); keys(); break;
      case "j": if (rows.length) focus(rows[Math.min(at + 1, rows.length - 1)]); break;
      case "k": if (rows.length) focus(rows[Math.max(at - 1, 0)]); break;
      case "x": if (at >= 0) one(".pick input", rows[at])?.click(); break;
      default: {
        const act = one(`[data-act-key="${CSS.escape(event.key)}"]`);
        if (act) { event.preventDefault(); act.click(); }
      }
    }
  });

  const dialog = (name) => {
    const box = document.createElement("dialog");
    box.className = name;
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    return box;
  };
  const choices = () => all(".places a[href], main a.button[href], .next a[href]").map((link) => ({ text: link.textContent.trim(), link }));

  /** A list of everywhere one can go from here, narrowed by typing. */
  const palette = () => {
    if (one("dialog.palette")) return;
    const box = dialog("palette");
    const input = document.createElement("input");
    const label = one("label[for=ask]")?.textContent ?? "";
    input.type = "search";
    input.setAttribute("aria-label", label);
    input.placeholder = label;
    const list = document.createElement("ul");
    let chosen = 0;
    const draw = () => {
      const wanted = input.value.trim().toLowerCase();
      list.replaceChildren(...choices().filter(({ text }) => text.toLowerCase().includes(wanted)).map(({ text, link }, index) => {
        const item = document.createElement("li");
        const copy = document.createElement("a");
        copy.href = link.href;
        copy.textContent = text;
        copy.setAttribute("aria-selected", String(index === chosen));
        item.append(copy);
        return item;
      }));
    };
    input.addEventListener("input", () => { chosen = 0; draw(); });
    input.addEventListener("keydown", (event) => {
      const count = list.children.length;
      if (event.key === "ArrowDown") { chosen = Math.min(chosen + 1, count - 1); draw(); event.preventDefault(); }
      if (event.key === "ArrowUp") { chosen = Math.max(chosen - 1, 0); draw(); event.preventDefault(); }
      if (event.key === "Enter") {
        const link = one("a[aria-selected=true]", list);
        if (link) location.assign(link.href);
        else if (input.value.trim()) location.assign(`/intelligence?q=${encodeURIComponent(input.value.trim())}`);
      }
    });
    box.append(input, list);
    draw();
    box.showModal();
    input.focus();
  };

  /** The keys that count here. */
  const keys = () => {
    if (one("dialog.keys")) return;
    const box = dialog("keys");
    const title = document.createElement("h2");
    title.textContent = one("[data-keys]")?.textContent.trim() ?? "";
    const list = document.createElement("dl");
    list.className = "facts";
    const add = (key, text) => {
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      const kbd = document.createElement("kbd");
      kbd.textContent = key;
      dt.append(kbd);
      dd.textContent = text;
      list.append(dt, dd);
    };
    add("/", one("label[for=ask]")?.textContent ?? "");
    for (const link of all(".places a[data-key]")) add(`g ${link.dataset.key}`, link.textContent.trim());
    for (const act of all("[data-act-key]")) add(act.dataset.actKey, act.textContent.trim());
    box.append(title, list);
    box.showModal();
  };

  // ---- News: lists never move under the pointer; a pill says how many are new and shows them when asked.
  const listen = () => {
    const address = document.body.dataset.live;
    if (!address || !window.EventSource || navigator.connection?.saveData) return;
    const stream = new EventSource(address);
    stream.addEventListener("news", (event) => {
      const news = JSON.parse(event.data);
      for (const pill of all("[data-news]")) {
        if (pill.dataset.news !== "all" && pill.dataset.news !== news.about) continue;
        const count = Number(pill.dataset.count ?? "0") + (news.count ?? 1);
        pill.dataset.count = String(count);
        pill.textContent = (pill.dataset.text ?? "{count}").replace("{count}", String(count));
        pill.hidden = false;
      }
      for (const part of all(`[data-refresh~="${CSS.escape(news.about)}"]`)) window.htmx?.trigger(part, "refresh");
    });
    stream.addEventListener("ended", () => stream.close());
    window.addEventListener("pagehide", () => stream.close());
  };

  // ---- Drafts: what is typed into a form with data-draft stays in this browser until it is sent; secrets and files never.
  const drafts = () => {
    for (const form of all("form[data-draft]")) {
      const name = `gotong-draft:${form.dataset.draft}`;
      const fields = () => all("input[name]:not([type=hidden], [type=password], [type=file]), textarea[name], select[name]", form);
      const kept = sessionStorage.getItem(name);
      if (kept && !form.dataset.filled) {
        const values = JSON.parse(kept);
        for (const field of fields()) {
          if (!(field.name in values)) continue;
          if (field.type === "checkbox" || field.type === "radio") field.checked = values[field.name].includes(field.value);
          else field.value = values[field.name][0] ?? "";
        }
      }
      let timer;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          const values = {};
          for (const field of fields()) {
            if ((field.type === "checkbox" || field.type === "radio") && !field.checked) continue;
            (values[field.name] ??= []).push(field.value);
          }
          sessionStorage.setItem(name, JSON.stringify(values));
        }, 500);
      });
      form.addEventListener("submit", () => { clearTimeout(timer); });
    }
    // An outcome says which draft it has settled.
    for (const settled of all("[data-settles]")) sessionStorage.removeItem(`gotong-draft:${settled.dataset.settles}`);
  };

  // ---- Files dropped anywhere into a drop field.
  const drops = () => {
    for (const zone of all(".drop")) {
      const input = one("input[type=file]", zone);
      if (!input) continue;
      for (const kind of ["dragover", "dragenter"]) zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
      for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
      zone.addEventListener("drop", (event) => {
        event.preventDefault();
        if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change", { bubbles: true })); }
      });
    }
  };

  // ---- Holds: a clock that runs down; the page asks again when it ends.
  const clocks = () => {
    for (const clock of all("[data-until]")) {
      const tick = () => {
        const left = Math.max(0, Math.round((Number(clock.dataset.until) - Date.now()) / 1000));
        clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
        if (left > 0 && clock.isConnected) setTimeout(tick, 500);
        else if (clock.isConnected && clock.dataset.then === "reload") setTimeout(() => location.reload(), 1_500);
      };
      tick();
    }
    // What goes on by itself is looked at again after so many seconds.
    const again = one("[data-again]");
    if (again) setTimeout(() => location.reload(), Number(again.dataset.again) * 1_000);
  };

  // ---- Copying, choosing all.
  document.addEventListener("click", (event) => {
    const copy = event.target.closest?.("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => tell(copy.dataset.copied ?? copy.textContent));
    if (event.target.closest?.("[data-keys]")) keys();
  });
  document.addEventListener("change", (event) => {
    const every = event.target.closest?.("[data-pick-all]");
    if (every) {
      for (const other of all("[data-pick-all]")) if (other !== every) other.checked = false;
      for (const box of all(".pick input[type=checkbox]")) box.checked = every.checked;
    }
    const box = event.target.closest?.(".pick input[type=checkbox]");
    // Whoever takes one out does not mean all of them any more.
    if (box && !box.checked) for (const whole of all("[data-pick-all]")) whole.checked = false;
    if (every || box) picked();
  });

  // ---- Choosing many: with shift from one box to another; how many are chosen is said, and the address keeps which, so that going back finds them ticked.
  let lastBox = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".pick input[type=checkbox]");
    if (!box) return;
    const boxes = all(".pick input[type=checkbox]");
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)];
    if (event.shiftKey && from >= 0) {
      for (const between of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
    }
    lastBox = box;
  });
  const picked = () => {
    const ticked = all(".pick input[type=checkbox]:checked");
    const isAll = one("[name=all][data-pick-all]")?.checked;
    for (const told of all("[data-chosen]")) {
      told.textContent = ticked.length && !isAll ? told.dataset.chosen.replace("{count}", String(ticked.length)) : "";
    }
    const marks = ticked.map((box) => box.dataset.mark).filter(Boolean);
    if (!one(".pick [data-mark]")) return;
    const address = new URL(location.href);
    if (marks.length) address.searchParams.set("picked", marks.join(".")); else address.searchParams.delete("picked");
    history.replaceState(history.state, "", address);
  };

  // ---- Passkeys: the browser is asked for one, and what it brings goes as the form's own fields.
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const bytes = (text) => new TextEncoder().encode(text);
  const bring = async (form) => {
    const { host, account, user, algorithms } = form.dataset;
    const challenge = bytes(form.elements.challenge.value);
    const fill = (values) => { for (const [name, value] of Object.entries(values)) form.elements[name].value = value; };
    if (form.dataset.passkey === "make") {
      const { response } = await navigator.credentials.create({ publicKey: {
        challenge, rp: { id: host, name: `Gotong ${host}` },
        user: { id: bytes(account), name: user, displayName: user },
        pubKeyCredParams: algorithms.split(" ").map((alg) => ({ type: "public-key", alg: Number(alg) })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" }, attestation: "none",
      } });
      fill({ client: base64(response.clientDataJSON), data: base64(response.getAuthenticatorData()), key: base64(response.getPublicKey()), algorithm: response.getPublicKeyAlgorithm() });
    } else {
      const found = await navigator.credentials.get({ publicKey: { challenge, rpId: host, userVerification: "required" } });
      const { response } = found;
      fill({ id: base64(found.rawId), client: base64(response.clientDataJSON), data: base64(response.authenticatorData), signature: base64(response.signature) });
    }
    form.submit();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    const failed = one("[data-failed]", form);
    failed.hidden = true;
    bring(form).catch(() => { failed.hidden = false; });
  });

  const begin = () => {
    for (const part of all(".only-script")) part.hidden = part.matches("[data-passkey]") && !(window.PublicKeyCredential && location.hostname === part.dataset.host);
    drafts(); drops(); clocks();
    if (one(".pick input:checked")) picked();
  };
  document.addEventListener("DOMContentLoaded", () => { begin(); listen(); });
  document.addEventListener("htmx:after:swap", begin);
})();
