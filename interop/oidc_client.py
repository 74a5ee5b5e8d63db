"""An identity provider of others and a browser without scripts, against a running node.

The provider is that of `oidc_provider.py`. The browser is `requests`: it follows pages as a person does. `--open BASE WELCOME` opens the link of a new account.
`--log-in BASE PORT` logs in at the node at BASE, which has `http://localhost:PORT` as its issuer and an account that is linked with `subject-of-ann`; the
client's secret is in OIDC_SECRET. Prints one line of JSON.
"""

import html
import json
import os
import re
import sys
import urllib.parse

import oidc_provider
import requests

PASSWORD = "rice boat lantern seven"


class Browser:
    """Follows pages as a person does who sees no script."""

    def __init__(self, base):
        self.base, self.session = base, requests.Session()

    def at_provider(self, subject):
        self.session.cookies.set("at_provider", subject, domain="localhost.local", path="/authorise")

    def page(self, answer):
        """The page at the end of what leads on by itself."""
        for _ in range(10):
            on = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', answer.text)
            if not on:
                return answer
            answer = self.get(html.unescape(on.group(1)))
        raise SystemExit("it leads on and on")

    def get(self, path):
        return self.page(self.session.get(urllib.parse.urljoin(self.base, path), timeout=60))

    def post(self, path, **fields):
        answer = self.session.post(self.base + path, data=fields, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
        return self.page(answer)


def expect(holds, what, answer):
    if not holds:
        raise SystemExit("%s: %s %s\n%s" % (what, answer.status_code, answer.url, answer.text[-4000:]))


def open_link(base, welcome):
    key = urllib.parse.parse_qs(urllib.parse.urlsplit(welcome).query)["key"][0]
    made = Browser(base).post("/welcome", key=key, name="ann", full_name="Ann", password=PASSWORD)
    expect(made.status_code == 200, "the account is made", made)


def log_in(base, port):
    issuer = "http://localhost:%s" % port
    oidc_provider.start("localhost", port, oidc_provider.Client(os.environ["OIDC_SECRET"], base + "/log-in/provider/back"))

    ann = Browser(base)
    ann.at_provider("subject-of-ann")
    page = ann.post("/log-in/provider", next="/intelligence?q=x")
    expect(page.status_code == 200 and page.url == base + "/intelligence?q=x", "Ann is in, where she wished to go", page)
    me = ann.get("/me")
    expect('<span class="tag">Ministry</span>' in me.text, "her session says how it began", me)
    out = ann.post("/log-out")
    expect(issuer + "/end?client_id=gotong" in html.unescape(out.text), "the way out at the provider is offered", out)
    expect("/log-in" in ann.get("/me").url, "she is out", out)

    eve = Browser(base)
    eve.at_provider("subject-of-eve")
    refused = eve.post("/log-in/provider", next="/")
    expect(refused.status_code == 403 and "subject-of-eve" in refused.text, "somebody unknown is told what to ask for", refused)
    expect("/log-in" in eve.get("/me").url, "and is not in", refused)
    print(json.dumps({"in": "subject-of-ann", "refused": "subject-of-eve"}))


if __name__ == "__main__":
    {"--open": open_link, "--log-in": log_in}[sys.argv[1]](*sys.argv[2:])
