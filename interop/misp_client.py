#!/usr/bin/env python3
"""A conversation with running nodes through the client of others (PyMISP), which is used as it is.

    misp_client.py BASE TOKEN OTHER_BASE OTHER_TOKEN CONSTITUENT_TOKEN

BASE and OTHER_BASE are two members of one region that share rti/indicators. Needs the packages
of requirements.txt. Ends with exit code 0 and a line of JSON, or with what was not as it should be.
"""

import hashlib
import json
import logging
import sys
import time

import requests
from pymisp import MISPAttribute, MISPEvent, MISPObject, MISPSighting, PyMISP
from pymisp.exceptions import PyMISPError

logging.getLogger("pymisp").setLevel(logging.CRITICAL + 1)


def connect(base, token):
    return PyMISP(base + "/misp/", token)


def good(answer):
    assert not (isinstance(answer, dict) and "errors" in answer), answer
    return answer


def bad(answer, status):
    """An error as PyMISP hands it on: the status, and a document with a message."""
    assert isinstance(answer, dict) and "errors" in answer, answer
    assert answer["errors"][0] == status, answer
    assert answer["errors"][1]["message"], answer
    return answer["errors"][1]


def group_of(misp, name):
    groups = good(misp.sharing_groups(pythonify=True))
    found = [one for one in groups if one.name == name]
    assert len(found) == 1, "%s in %s" % (name, [one.name for one in groups])
    return found[0]


def values(event):
    inner = [one.value for thing in event.objects for one in thing.attributes]
    return sorted([one.value for one in event.attributes] + inner)


def until(what, seconds=60):
    end = time.time() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.time() < end, "nothing came within %d seconds" % seconds
        time.sleep(0.2)


def fresh(group, info="A campaign against ports"):
    event = MISPEvent()
    event.info = info
    event.distribution = 4
    event.sharing_group_id = group.id
    event.threat_level_id = 2
    event.analysis = 1
    event.add_tag("tlp:green")
    event.add_attribute("domain", "harbour.example", to_ids=True, comment="first seen by the port")
    event.add_attribute("ip-dst", "198.51.100.77", to_ids=False)
    event.add_attribute("text", "a line that no index knows")
    thing = MISPObject("file")
    thing.add_attribute("filename", value="invoice.exe")
    thing.add_attribute("sha256", value=hashlib.sha256(b"invoice").hexdigest())
    event.add_object(thing)
    return event


def add_and_read(misp, group):
    event = fresh(group)
    made = good(misp.add_event(event, pythonify=True))
    assert made.uuid == event.uuid and made.info == event.info
    assert values(made) == values(event), (values(made), values(event))
    assert [tag.name for tag in made.tags] == ["tlp:green"]
    assert int(made.distribution) == 4 and int(made.sharing_group_id) == int(group.id)
    for key in (made.uuid, made.id):
        again = good(misp.get_event(key, pythonify=True))
        assert again.uuid == made.uuid and values(again) == values(made)
    assert misp.event_exists(made.uuid) is True
    assert misp.event_exists("11111111-1111-4111-8111-111111111111") is False
    bad(misp.get_event("11111111-1111-4111-8111-111111111111"), 404)
    bad(misp.add_event(event), 404)
    return made


def where_events_go(misp, base, token):
    """What names no place goes nowhere, and the answer says where it could."""
    event = MISPEvent()
    event.info = "Nowhere"
    event.distribution = 4
    event.sharing_group_id = 4
    said = bad(misp.add_event(event), 403)
    assert any(one["name"] == "rti/indicators" for one in said["errors"]["sharing_groups"]), said
    # What names no sharing group goes where the configuration says.
    plain = MISPEvent()
    plain.info = "For the community"
    plain.distribution = 1
    made = good(misp.add_event(plain, pythonify=True))
    assert int(made.distribution) == 1
    good(misp.delete_event(made))
    own = MISPEvent()
    own.info = "Our house alone"
    own.distribution = 0
    own.add_attribute("domain", "house.example", to_ids=True)
    made = good(misp.add_event(own, pythonify=True))
    assert int(made.distribution) == 0
    # What is for this organisation alone does not go along with an event for others.
    mixed = fresh(group_of(misp, "rti/indicators"), "Mixed")
    mixed.add_attribute("domain", "ours-alone.example", to_ids=True, distribution=0)
    answer = misp.add_event(mixed)
    assert "ours-alone.example" not in json.dumps(answer["Event"]), answer
    assert answer["errors"][0]["id"] == "misp.distribution", answer
    good(misp.delete_event(mixed.uuid))
    return made


def edit(misp, made):
    event = good(misp.get_event(made.uuid, pythonify=True))
    event.info = "A campaign against ports and ferries"
    event.add_attribute("url", "https://harbour.example/login", to_ids=True)
    for one in event.attributes:
        if one.value == "harbour.example":
            one.comment = "seen again"
    changed = good(misp.update_event(event, pythonify=True))
    assert changed.info == event.info and int(changed.timestamp.timestamp()) > int(made.timestamp.timestamp())
    assert "https://harbour.example/login" in values(changed)
    assert [one.comment for one in changed.attributes if one.value == "harbour.example"] == ["seen again"]
    stale = changed.to_dict()
    stale["info"] = "older"
    stale["timestamp"] = str(int(made.timestamp.timestamp()))
    said = bad(misp._check_json_response(misp._prepare_request("POST", "events/edit/" + made.uuid, data={"Event": stale})), 403)
    assert "not newer than the local copy" in said["errors"], said
    assert good(misp.get_event(made.uuid, pythonify=True)).info == event.info
    return changed


def parts(misp, made):
    attribute = MISPAttribute()
    attribute.from_dict(type="domain", value="ferry.example", to_ids=True)
    added = good(misp.add_attribute(made, attribute, pythonify=True))
    assert added.value == "ferry.example" and added.to_ids is True
    # The switch changes: another kind of object stands for it, and the former one is gone.
    added.to_ids = False
    changed = good(misp.update_attribute(added, pythonify=True))
    assert changed.uuid == added.uuid and changed.to_ids is False
    event = good(misp.get_event(made.uuid, pythonify=True))
    assert values(event).count("ferry.example") == 1
    good(misp.tag(added, "gotong:checked"))
    seen = good(misp.get_attribute(added, pythonify=True))
    assert [tag.name for tag in seen.tags] == ["gotong:checked"], seen.to_json()
    good(misp.untag(added, "gotong:checked"))
    assert good(misp.get_attribute(added, pythonify=True)).tags == []
    good(misp.tag(made, "gotong:campaign"))
    assert "gotong:campaign" in [tag.name for tag in good(misp.get_event(made, pythonify=True)).tags]
    assert any(tag.name == "gotong:campaign" for tag in good(misp.tags(pythonify=True)))
    bad(misp.tag(made, "gotong:local", local=True), 400)
    # Deleted softly it is still told, to whoever asks for it; deleted hard it is gone.
    good(misp.delete_attribute(added))
    assert "ferry.example" not in values(good(misp.get_event(made.uuid, pythonify=True)))
    both = good(misp.get_event(made.uuid, deleted=[0, 1], pythonify=True))
    assert [one.deleted for one in both.attributes if one.value == "ferry.example"] == [True]
    good(misp.restore_attribute(added))
    assert "ferry.example" in values(good(misp.get_event(made.uuid, pythonify=True)))
    good(misp.delete_attribute(added, hard=True))
    assert "ferry.example" not in json.dumps(misp.get_event(made.uuid, deleted=[0, 1]))
    thing = MISPObject("domain-ip")
    thing.add_attribute("domain", value="pier.example")
    thing.add_attribute("ip", value="203.0.113.9")
    placed = good(misp.add_object(made, thing, pythonify=True))
    assert sorted(one.value for one in placed.attributes) == ["203.0.113.9", "pier.example"]
    event = good(misp.get_event(made.uuid, pythonify=True))
    file = [one for one in event.objects if one.name == "file"][0]
    reference = file.add_reference(placed.uuid, "connects-to")
    assert good(misp.add_object_reference(reference, pythonify=True)).referenced_uuid == placed.uuid
    good(misp.delete_object(placed))
    assert "pier.example" not in values(good(misp.get_event(made.uuid, pythonify=True)))


def search(misp, made):
    def uuids(**asked):
        return [one.uuid for one in good(misp.search(pythonify=True, **asked))]

    for asked in (
        {"value": "harbour.example"}, {"value": "%harbour.ex%"}, {"value": "a line that no index knows"}, {"uuid": made.uuid},
        {"searchall": "harbour.example"}, {"searchall": "%arbour.ex%"}, {"searchall": "ferries"}, {"searchall": "a line that no index knows"},
        {"eventid": made.id}, {"eventinfo": "ferries"}, {"tags": ["tlp:green"], "eventinfo": "ports"},
        {"type_attribute": "domain", "value": "harbour.example"}, {"timestamp": "1h", "eventinfo": "ports"},
    ):
        assert made.uuid in uuids(**asked), asked
    for asked in (
        {"value": "nothing.example"}, {"searchall": "nothing.example"}, {"searchall": "ferries", "type_attribute": "md5"}, {"tags": ["!tlp:green"], "eventinfo": "ports"}, {"eventinfo": "trains"}, {"org": "nobody"},
        {"type_attribute": "md5", "value": "harbour.example"}, {"date_to": "2001-01-01"},
    ):
        assert made.uuid not in uuids(**asked), asked
    found = good(misp.search(controller="attributes", value="harbour.example", pythonify=True))
    assert [one.value for one in found] == ["harbour.example"] and found[0].Event.uuid == made.uuid
    first = good(misp.search(controller="attributes", type_attribute="domain", limit=1, page=1, pythonify=True))
    second = good(misp.search(controller="attributes", type_attribute="domain", limit=1, page=2, pythonify=True))
    assert len(first) == len(second) == 1 and first[0].uuid != second[0].uuid
    assert made.uuid in [one.uuid for one in good(misp.search_index(eventinfo="ferries", pythonify=True))]
    assert made.uuid in [one["uuid"] for one in good(misp.search_index(minimal=True))]
    said = misp._check_json_response(misp._prepare_request("POST", "events/restSearch", data={"no_such_filter": 1}))
    bad(said, 400)


def publish(misp, made):
    good(misp.publish(made))
    assert good(misp.get_event(made, pythonify=True)).published is True
    assert made.uuid in [one["uuid"] for one in good(misp.search_index(published=True, minimal=True))]
    good(misp.unpublish(made))
    assert made.uuid not in [one["uuid"] for one in good(misp.search_index(published=True, minimal=True))]
    good(misp.publish(made))


def sight(misp, made):
    event = good(misp.get_event(made, pythonify=True))
    target = [one for one in event.attributes if one.value == "harbour.example"][0]
    for kind in ("0", "1", "2"):
        sighting = MISPSighting()
        sighting.from_dict(type=kind, source="sensor")
        said = good(misp.add_sighting(sighting, target, pythonify=True))
        assert said.type == kind and said.attribute_uuid == target.uuid
    by_value = MISPSighting()
    by_value.from_dict(values=["harbour.example"], type="0")
    good(misp.add_sighting(by_value, pythonify=True))
    found = good(misp.sightings(event, pythonify=True))
    assert sorted(one.type for one in found) == ["0", "0", "1", "2"], [one.to_json() for one in found]
    good(misp.delete_sighting(found[0]))
    assert len(good(misp.sightings(event, pythonify=True))) == 3


def about(misp):
    assert misp._current_role.perm_add is True and misp._current_role.perm_sync is True
    assert [one.name for one in good(misp.organisations(pythonify=True))]
    own = good(misp.organisations(pythonify=True))[0]
    assert good(misp.get_organisation(own, pythonify=True)).name == own.name
    assert good(misp.roles(pythonify=True))[0].name
    group = group_of(misp, "rti/indicators")
    whole = good(misp.get_sharing_group(group))
    assert whole["editable"] is False and len(whole["SharingGroupOrg"]) >= 2
    assert good(misp.warninglists()) == [] and good(misp.values_in_warninglist(["192.0.2.1"])) == {}
    assert good(misp.feeds()) == []
    assert "tlp" in [one.namespace for one in good(misp.taxonomies(pythonify=True))]
    bad(misp.add_organisation({"name": "new"}), 404)


def feed(base, token, made):
    def get(name):
        return requests.get(base + "/misp/feed/" + name, headers={"Authorization": token}, timeout=60)

    manifest = get("manifest.json").json()
    assert manifest[made.uuid]["Orgc"]["uuid"] and manifest[made.uuid]["info"], manifest
    event = MISPEvent()
    event.load(get(made.uuid + ".json").json())
    assert "harbour.example" in values(event)
    line = "%s,%s" % (hashlib.md5(b"harbour.example").hexdigest(), made.uuid)
    assert line in get("hashes.csv").text.splitlines()
    assert get("../events/index").status_code < 500


def hostile(base, token):
    """Whatever is sent, the answer is JSON with a message, and the node stays."""
    head = {"Authorization": token, "Content-Type": "application/json"}

    def post(path, body, **more):
        answer = requests.post(base + "/misp/" + path, data=body, headers={**head, **more}, timeout=120)
        said = answer.json()
        assert 400 <= answer.status_code < 500 and said["message"], (path, answer.status_code, said)
        return answer.status_code

    assert post("events/add", '{"Event": {"info": "cut') == 400
    assert post("events/add", '{"Event": {"info": "a", "info": "b"}}') == 400
    assert post("events/add", "[" * 100000) == 400
    assert post("events/add", b'{"Event": {"info": "\xff\xfe"}}') == 400
    assert post("events/add", '{"Event": {"info": "n", "timestamp": 1e400}}') == 400
    assert post("events/add", '{"Event": {"info": "n", "distribution": 99999999999999999999}}') == 400
    assert post("events/add", '{"Event": {"info": "%s"}}' % ("x" * (17 << 20))) == 413
    assert post("events/add", '"%s"' % ("x" * (10 << 20))) in (400, 403)
    assert post("events/add", "{}", **{"Content-Encoding": "gzip"}) == 415
    assert post("events/edit/..%2f..%2fetc%2fpasswd", "{}") == 404
    assert post("events/delete/18446744073709551616", "") == 404
    assert post("nothing/here", "{}") == 404
    assert requests.get(base + "/misp/" + "a/" * 200, headers=head, timeout=60).status_code == 400
    wrong = requests.get(base + "/misp/servers/getVersion", headers={"Authorization": "wrong"}, timeout=60)
    assert wrong.status_code == 401 and wrong.json()["message"]
    try:
        connect(base, "wrong")
        raise AssertionError("a wrong key is taken")
    except PyMISPError:
        pass


def others(misp, other, made):
    """Another member sees it, may not change it, and may say that it was seen."""
    until(lambda: other.event_exists(made.uuid))
    event = good(other.get_event(made.uuid, pythonify=True))
    assert values(event) == values(good(misp.get_event(made.uuid, pythonify=True)))
    assert event.locked is True
    event.info = "not yours"
    said = bad(other.update_event(event), 403)
    assert "published by" in said["errors"], said
    bad(other.delete_event(event), 403)
    target = [one for one in event.attributes if one.value == "harbour.example"][0]
    good(other.add_sighting({"type": "0", "source": "elsewhere"}, target))

    def arrived():
        found = good(misp.sightings(good(misp.get_event(made, pythonify=True)), pythonify=True))
        return [one for one in found if one.source == "elsewhere"]

    assert until(arrived)


def constituent(bank, made):
    """An organisation of the member is shown what the house rule gives it: up to TLP:GREEN."""
    assert bank.event_exists(made.uuid)
    event = MISPEvent()
    event.info = "not here"
    event.distribution = 4
    event.sharing_group_id = group_of(bank, "rti/indicators").id
    bad(bank.add_event(event), 403)
    bad(bank.update_event(made), 403)
    bad(bank.delete_event(made), 403)
    # What it reports itself goes into a channel of its own, which is its to change and to take back.
    own = MISPEvent()
    own.info = "A report of ours"
    own.distribution = 0
    own.add_attribute("domain", "bank.example", to_ids=True)
    mine = good(bank.add_event(own, pythonify=True))
    mine.info = "A report of ours, corrected"
    assert good(bank.update_event(mine, pythonify=True)).info == mine.info
    good(bank.delete_event(mine))
    assert not bank.event_exists(mine.uuid)


def main():
    base, token, other_base, other_token, bank_token = sys.argv[1:]
    misp, other = connect(base, token), connect(other_base, other_token)
    about(misp)
    group = group_of(misp, "rti/indicators")
    made = add_and_read(misp, group)
    own = where_events_go(misp, base, token)
    changed = edit(misp, made)
    parts(misp, changed)
    search(misp, changed)
    publish(misp, changed)
    sight(misp, changed)
    feed(base, token, changed)
    hostile(base, token)
    others(misp, other, changed)
    constituent(connect(base, bank_token), changed)
    assert not other.event_exists(own.uuid), "what is for the house stays there"
    good(misp.delete_event(changed))
    assert not misp.event_exists(changed.uuid)
    assert good(misp.search(value="harbour.example")) == []
    assert changed.uuid not in [one["uuid"] for one in good(misp.search_index(minimal=True))]
    until(lambda: not other.event_exists(changed.uuid))
    print(json.dumps({"event": changed.uuid}))


if __name__ == "__main__":
    main()
