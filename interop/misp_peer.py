#!/usr/bin/env python3
"""A peer that does on the wire what a MISP 2.5 does with a sync server: it pulls and it pushes.

    misp_peer.py BASE TOKEN OTHER_BASE OTHER_TOKEN

BASE and OTHER_BASE are two members of one region that share rti/indicators; the peer syncs with
the first, in both directions, and the second shows what the region sees. It keeps events of its
own and follows MISP's rules about them: what it made itself is not overwritten, what it pulled is
locked and narrowed, only newer versions count, blocklisted and empty events are passed over.
Ends with exit code 0 and a line of JSON, or with what was not as it should be.
"""

import copy
import json
import sys
import time
import uuid

import requests

PARTS = ("Attribute", "Object", "EventReport")


class Peer:
    def __init__(self, base, token):
        self.base = base + "/misp"
        self.session = requests.Session()
        self.session.headers.update({
            "Authorization": token, "Accept": "application/json", "Content-Type": "application/json",
            "User-Agent": "MISP 2.5.1 - #0000000",
        })
        self.events = {}
        self.blocked_events, self.blocked_orgs, self.empty = set(), set(), set()
        self.tag, self.cached = None, []
        self.last = {}

    def call(self, method, path, body=None, **headers):
        data = None if body is None else json.dumps(body)
        return self.session.request(method, self.base + path, data=data, headers=headers, timeout=60, allow_redirects=False)

    def version(self):
        said = self.call("GET", "/servers/getVersion").json()
        major, minor, _ = (int(part) for part in said["version"].split("."))
        assert (major, minor) == (2, 5), said
        return said

    def test(self):
        said = self.call("POST", "/servers/postTest", {"testString": "a, b"}).json()
        assert said["body"]["testString"] == "a, b" and said["headers"]["Authorization"] == "OK", said
        assert self.call("GET", "/users/view/me.json").json()["Role"]["perm_sync"] is True

    # What is pulled.

    def index(self, rules=None):
        body = {"minimal": 1, "published": 1}
        body.update(rules or {})
        headers = {"If-None-Match": self.tag} if self.tag else {}
        answer = self.call("POST", "/events/index", body, **headers)
        self.last["index"] = answer.status_code
        if answer.status_code == 304:
            return self.cached
        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Result-Count"] == str(len(answer.json()))
        self.tag, self.cached = answer.headers["ETag"], answer.json()
        return self.cached

    def wants(self, row):
        if not row["published"] or row["uuid"] in self.blocked_events or row["orgc_uuid"] in self.blocked_orgs:
            return False
        if row["uuid"] in self.empty:
            return False
        local = self.events.get(row["uuid"])
        return local is None or (local["locked"] and int(local["timestamp"]) < int(row["timestamp"]))

    def pull(self, rules=None):
        """One pull; which events it took, and which were empty."""
        assert self.version()["version"]
        taken = []
        for row in self.index(rules):
            if not self.wants(row):
                continue
            answer = self.call(
                "GET", "/events/view/%s/deleted[]:0/deleted[]:1/excludeGalaxy:1/includeEventCorrelations:0/"
                "includeFeedCorrelations:0/includeWarninglistHits:0" % row["uuid"])
            assert answer.status_code == 200, answer.text
            event = narrowed(answer.json()["Event"])
            live = [one for name in ("Attribute", "Object") for one in event.get(name, []) if not one["deleted"]]
            if not live:
                self.empty.add(row["uuid"])
                continue
            self.keep(event)
            taken.append(row["uuid"])
        self.call("GET", "/shadow_attributes/index/all:1/timestamp:0/limit:1000/page:1/deleted[]:0/deleted[]:1.json").json()
        self.pull_sightings()
        return taken

    def pull_sightings(self):
        uuids = [one for one in self.events]
        if not uuids:
            return
        asked = {"returnFormat": "json", "last": 0, "includeUuid": True, "uuid": uuids, "org_id": ["!00000000-0000-4000-8000-000000000000"]}
        self.sightings = [one["Sighting"] for one in self.call("POST", "/sightings/restSearch/event", asked).json()["response"]]

    def keep(self, event):
        event["locked"] = True
        local = self.events.get(event["uuid"])
        if local is None:
            self.events[event["uuid"]] = event
            return
        for name in PARTS:
            here = {one["uuid"]: one for one in local.get(name, [])}
            for one in event.get(name, []):
                known = here.get(one["uuid"])
                if known is None or int(one["timestamp"]) > int(known["timestamp"]):
                    here[one["uuid"]] = one
            event[name] = list(here.values())
        names = {one["name"] for one in event.get("Tag", [])}
        event["Tag"] = event.get("Tag", []) + [one for one in local.get("Tag", []) if one["name"] not in names]
        self.events[event["uuid"]] = event

    def live(self, key):
        return sorted(one["value"] for one in self.events[key]["Attribute"] if not one["deleted"])

    def delete(self, key):
        del self.events[key]
        self.blocked_events.add(key)

    # What is pushed.

    def make(self, info, group=None, **more):
        now = str(int(time.time()))
        event = {
            "uuid": str(uuid.uuid4()), "info": info, "date": "2026-11-22", "timestamp": now, "publish_timestamp": now, "published": True,
            "analysis": "0", "threat_level_id": "2", "distribution": "3", "sharing_group_id": "0", "locked": False,
            "Orgc": {"name": "Peer", "uuid": "5f0c0000-0000-4000-8000-00000000aaaa"}, "Tag": [{"name": "tlp:green"}],
            "Attribute": [], "Object": [], "EventReport": [], "CryptographicKey": [],
        }
        event.update(more)
        self.events[event["uuid"]] = event
        return event

    def push(self):
        assert self.version()["perm_sync"] is True
        ready = {key: one for key, one in self.events.items() if one["published"] and str(one["distribution"]) in "23"}
        asked = [{"Event": {"uuid": key, "timestamp": one["timestamp"]}} for key, one in ready.items()]
        wanted = self.call("POST", "/events/filterEventIdsForPush", asked).json()
        results = {}
        for key in wanted:
            event = sendable(ready[key])
            there = self.call("HEAD", "/events/view/" + key).status_code
            assert there in (200, 404), there
            path = "/events/add/metadata:1" if there == 404 else "/events/edit/%s/metadata:1" % key
            answer = self.call("POST", path, {"Event": event})
            results[key] = answer.status_code
            if answer.status_code == 200:
                assert answer.json()["Event"]["id"], answer.text
                assert not answer.json()["Event"].get("Attribute")
        return results


def narrowed(event):
    """What MISP does to an event from a server that is not its own."""
    event = copy.deepcopy(event)
    parts = [event] + [one for name in PARTS for one in event.get(name, [])]
    for thing in event.get("Object", []):
        parts += thing.get("Attribute", [])
    for one in parts:
        one["distribution"] = {"1": "0", "2": "1"}.get(str(one["distribution"]), str(one["distribution"]))
        one["Tag"] = [tag for tag in one.get("Tag", []) if not int(tag.get("local") or 0)]
    return event


def sendable(event):
    """What MISP does to an event before it pushes it."""
    event = copy.deepcopy(event)
    for name in PARTS:
        event[name] = [one for one in event.get(name, []) if str(one.get("distribution", "5")) not in "01"]
    for one in [event] + [one for name in PARTS for one in event[name]]:
        if str(one.get("distribution", "5")) == "2":
            one["distribution"] = "1"
        one["Tag"] = [tag for tag in one.get("Tag", []) if not tag.get("local") and tag.get("exportable", True)]
    return event


def attribute(value, kind="domain", to_ids=True, **more):
    one = {
        "uuid": str(uuid.uuid4()), "type": kind, "category": "Network activity", "value": value, "to_ids": to_ids, "distribution": "5",
        "timestamp": str(int(time.time())), "deleted": False, "comment": "",
    }
    one.update(more)
    return one


def until(what, seconds=60):
    end = time.time() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.time() < end, "nothing came within %d seconds" % seconds
        time.sleep(0.2)


def bump(record):
    record["timestamp"] = str(max(int(time.time()), int(record["timestamp"]) + 1))


def pushes(peer, reader):
    """The peer's own event arrives, changes and shrinks with it; nothing older replaces it."""
    event = peer.make("Pushed by a peer")
    event["Attribute"] = [
        attribute("pushed-one.example"), attribute("pushed-two.example"), attribute("mine-alone.example", distribution="0"),
        attribute("community.example", distribution="1"), attribute("connected.example", distribution="2"),
    ]
    key = event["uuid"]
    assert peer.push() == {key: 200}
    assert peer.push() == {}, "what is there already is not wanted again"
    seen = reader.call("GET", "/events/view/" + key).json()["Event"]
    values = sorted(one["value"] for one in seen["Attribute"])
    assert values == ["connected.example", "pushed-one.example", "pushed-two.example"], values
    assert seen["Orgc"]["name"] == "Peer" and [tag["name"] for tag in seen["Tag"]] == ["tlp:green"], seen
    # Softly deleted there, it is deleted here.
    event["Attribute"][1].update(deleted=True)
    bump(event["Attribute"][1])
    bump(event)
    assert peer.push() == {key: 200}
    seen = reader.call("GET", "/events/view/%s/deleted[]:0/deleted[]:1" % key).json()["Event"]
    deleted = {one["value"]: one["deleted"] for one in seen["Attribute"]}
    assert deleted["pushed-two.example"] is True and deleted["pushed-one.example"] is False, deleted
    # The same again, said as an edit, is not newer; said as an addition, it is there.
    answer = peer.call("POST", "/events/edit/%s/metadata:1" % key, {"Event": sendable(event)})
    assert answer.status_code == 403 and "not newer than the local copy" in answer.json()["errors"], answer.text
    answer = peer.call("POST", "/events/add/metadata:1", {"Event": sendable(event)})
    assert answer.status_code == 404 and answer.headers["Location"].startswith("/events/"), answer.text
    # Sightings of it.
    target = event["Attribute"][0]["uuid"]
    sighting = {"uuid": str(uuid.uuid4()), "type": "0", "date_sighting": str(int(time.time())), "source": "peer", "attribute_uuid": target}
    assert peer.call("POST", "/sightings/filterSightingUuidsForPush/" + key, [sighting["uuid"]]).json() == []
    assert peer.call("POST", "/sightings/bulkSaveSightings/" + key, [sighting]).status_code == 200
    assert peer.call("POST", "/sightings/filterSightingUuidsForPush/" + key, [sighting["uuid"]]).json() == [sighting["uuid"]]
    return key


def pulls(base, token, node):
    """What the node's member makes arrives narrowed and locked; its changes follow, and its deletions."""
    peer = Peer(base, token)
    event = node.make("Made at the node", distribution="2")
    event["Attribute"] = [attribute("node-one.example"), attribute("node-two.example")]
    key = event["uuid"]
    answer = node.call("POST", "/events/add", {"Event": dict(event, distribution="2")})
    assert answer.status_code == 200, answer.text
    assert key in peer.pull()
    local = peer.events[key]
    assert local["locked"] and local["distribution"] == "1", local["distribution"]
    assert peer.live(key) == ["node-one.example", "node-two.example"]
    # Nothing has changed: the index is the one that is known.
    assert peer.pull() == [] and peer.last["index"] == 304
    # An attribute is deleted at the node.
    gone = event["Attribute"][1]["uuid"]
    assert node.call("POST", "/attributes/delete/" + gone, {}).status_code == 200
    assert peer.pull() == [], "what is being worked on is not published"
    assert node.call("POST", "/events/publish/" + key).status_code == 200
    assert peer.pull() == [key] and peer.last["index"] == 200
    assert peer.live(key) == ["node-one.example"]
    # Everything of it is deleted, and MISP passes over what is empty: nothing is retracted.
    assert node.call("POST", "/attributes/delete/" + event["Attribute"][0]["uuid"], {}).status_code == 200
    assert node.call("POST", "/events/publish/" + key).status_code == 200
    assert peer.pull() == [] and key in peer.empty
    assert peer.live(key) == ["node-one.example"], "this is why an attribute has to say it"
    # With one attribute that says so, the deletion arrives.
    said = attribute("Withdrawn by its publisher", "comment", False, category="Other")
    assert node.call("POST", "/attributes/add/" + key, said).status_code == 200
    assert node.call("POST", "/events/publish/" + key).status_code == 200
    peer.empty.clear()  # MISP forgets this after a day.
    assert peer.pull() == [key]
    assert peer.live(key) == ["Withdrawn by its publisher"], peer.live(key)
    # Withdrawn at the node it is gone from every answer, and a copy that was pulled stays where it is.
    assert node.call("POST", "/events/delete/" + key).status_code == 200
    assert key not in [row["uuid"] for row in peer.index()] and key in peer.events
    assert node.call("HEAD", "/events/view/" + key).status_code == 404
    return peer


def rules(base, token, node):
    """What the peer does not want it does not take, and its own events are its own."""
    peer = Peer(base, token)
    event = node.make("Not wanted", distribution="3")
    event["Attribute"] = [attribute("unwanted.example")]
    key = event["uuid"]
    assert node.call("POST", "/events/add", {"Event": event}).status_code == 200
    orgc = [row["orgc_uuid"] for row in peer.index() if row["uuid"] == key][0]
    peer.blocked_events.add(key)
    assert key not in peer.pull()
    peer.blocked_events.clear()
    peer.blocked_orgs.add(orgc)
    assert key not in peer.pull()
    peer.blocked_orgs.clear()
    peer.tag = None
    assert key not in peer.pull({"tag": ["!tlp:green"]})
    peer.tag = None
    assert key not in peer.pull({"org": ["!" + event["Orgc"]["name"]]})
    peer.tag = None
    assert key in peer.pull({"tag": ["tlp:green"]})
    assert peer.events[key]["distribution"] == "3"
    # A copy that was pulled and then deleted there does not come back.
    peer.delete(key)
    peer.tag = None
    assert key not in peer.pull()


def main():
    base, token, other_base, other_token = sys.argv[1:5]
    node, other = Peer(base, token), Peer(other_base, other_token)
    node.test()
    key = pushes(node, node)
    # What a peer pushes to one member, another member's MISP pulls.
    far = Peer(other_base, other_token)
    wanted = ["connected.example", "pushed-one.example"]

    # An earlier version may be there first: the newer one is pulled after it.
    def is_there():
        far.pull()
        return key in far.events and far.live(key) == wanted

    until(is_there)
    assert [one["source"] for one in until(lambda: far.pull_sightings() or far.sightings)] == ["peer"]
    # It may not push it back: another member published it.
    bump(far.events[key])
    far.events[key].update(published=True, distribution="3")
    assert far.push().get(key) is None
    pulls(base, token, node)
    rules(base, token, node)
    assert other.version()["uuid"] != node.version()["uuid"]
    print(json.dumps({"pushed": key}))


if __name__ == "__main__":
    main()
