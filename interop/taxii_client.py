#!/usr/bin/env python3
"""A conversation with running nodes through the TAXII client of others (taxii2-client).

    taxii_client.py BASE TOKEN OTHER_BASE OTHER_TOKEN CONSTITUENT_TOKEN

BASE and OTHER_BASE are two members of one region that share rti/indicators. Needs the packages
of requirements.txt. What is read is parsed by stix2 and judged by stix2-validator. Ends with
exit code 0 and a line of JSON, or with what was not as it should be.
"""

import json
import sys
import time
import uuid

import requests
import stix2
import stix2validator
from taxii2client.v21 import Server, as_pages

ALIAS = "rti/indicators"


def root_of(base, token, user="anybody"):
    server = Server(base + "/taxii2/", user=user, password=token)
    assert server.title, "a server has a title"
    assert server.default is not None and len(server.api_roots) >= 1
    root = server.default
    assert "application/taxii+json;version=2.1" in root.versions
    assert root.max_content_length > 0
    return root


def collection_of(root, alias):
    found = [one for one in root.collections if one.alias == alias]
    assert len(found) == 1, "%s in %s" % (alias, [one.alias for one in root.collections])
    assert found[0].can_read
    return found[0]


def made(number):
    return stix2.Indicator(
        id="indicator--" + str(uuid.uuid4()),
        name="from the client of others, %d" % number,
        pattern="[domain-name:value = 'client-%d.example']" % number,
        pattern_type="stix",
        valid_from="2026-11-01T00:00:00Z",
        indicator_types=["malicious-activity"],
    )


def paged(call, per_request, **filters):
    """Rows of all pages; every page is within its limit and says when it was added."""
    rows = []
    for page in as_pages(call, per_request=per_request, **filters):
        found = page.get("objects", [])
        assert len(found) <= per_request
        rows.extend(found)
    return rows


def judged(objects):
    options = stix2validator.ValidationOptions(version="2.1")
    for one in objects:
        stix2.parse(one, allow_custom=True)
        result = stix2validator.validate_instance(one, options)
        assert result.is_valid, "%s: %s" % (one["id"], [str(error) for error in result.errors])


def refused(call, status):
    try:
        call()
    except requests.exceptions.HTTPError as error:
        answer = error.response
        assert answer.status_code == status, "%s: %s" % (answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/taxii+json;version=2.1"
        assert answer.json()["http_status"] == str(status)
        return answer.json()
    raise AssertionError("status %d was expected, and all went well" % status)


def waited(what, holds):
    for _ in range(600):
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("waited too long for " + what)


def main():
    base, token, other_base, other_token, constituent_token = sys.argv[1:]
    root = root_of(base, token)
    place = collection_of(root, ALIAS)
    assert place.can_write
    before = len(paged(place.get_manifest, 50))

    objects = [made(number) for number in range(25)]
    sent = json.loads("[%s]" % ",".join(one.serialize() for one in objects))
    status = place.add_objects({"objects": sent})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 25, 0), status.failures
    assert root.get_status(status.id).success_count == 25
    again = place.add_objects({"objects": sent[:3]})
    assert (again.success_count, again.failure_count) == (3, 0)

    read = paged(place.get_objects, 7)
    ids = [one["id"] for one in read]
    assert len(ids) == len(set(ids)) == before + 25, "every object once"
    assert set(one["id"] for one in sent) <= set(ids)
    judged(read)
    records = paged(place.get_manifest, 7)
    assert [record["id"] for record in records] == ids
    dates = [record["date_added"] for record in records]
    assert dates == sorted(set(dates))
    behind = place.get_objects(added_after=dates[-6], limit=100)["objects"]
    assert [one["id"] for one in behind] == ids[-5:]
    assert {one["type"] for one in paged(place.get_objects, 9, type="indicator")} == {"indicator"}
    one = sent[0]["id"]
    assert [found["id"] for found in place.get_object(one)["objects"]] == [one]
    assert len(place.object_versions(one)["versions"]) == 1

    other_root = root_of(other_base, other_token)
    elsewhere = collection_of(other_root, ALIAS)
    assert elsewhere.id == place.id, "a collection has one id in the whole region"
    waited("the objects at the other node", lambda: len(
        paged(elsewhere.get_objects, 1000, id=",".join(found["id"] for found in sent))) == 25)
    why = refused(lambda: elsewhere.delete_object(one), 403)
    assert "takes it back" in why["description"], why

    place.delete_object(one)
    refused(lambda: place.get_object(one), 404)
    assert one not in [record["id"] for record in paged(place.get_manifest, 50)]
    rest = [found["id"] for found in paged(place.get_objects, 7)]
    assert rest == [found for found in ids if found != one], "the rest stands as it stood"

    def is_gone():
        try:
            elsewhere.get_object(one)
        except requests.exceptions.HTTPError as error:
            return error.response.status_code == 404
        return False

    waited("the withdrawal at the other node", is_gone)

    own = root_of(base, constituent_token)
    aliases = sorted(found.alias for found in own.collections)
    assert "house/reports/harbour-bank" in aliases, aliases
    bank = collection_of(own, "house/reports/harbour-bank")
    assert bank.can_write
    report = json.loads(made(99).serialize())
    assert bank.add_objects({"objects": [report]}).success_count == 1
    assert report["id"] in [found["id"] for found in paged(bank.get_objects, 5)]
    given = [found for found in own.collections if found.alias == ALIAS]
    for found in given:
        assert not found.can_write
        refused(lambda: requests_post(found, constituent_token), 403)
    nobody = Server(base + "/taxii2/", user="a", password="nobody")
    refused(lambda: nobody.title, 401)
    refused(lambda: root_of(other_base, other_token).get_status(status.id), 404)
    print(json.dumps({"read": len(read), "constituent": aliases}))


def requests_post(place, token):
    """The client itself asks `can_write` first and would not send it."""
    answer = requests.post(
        place.objects_url, data="{}", auth=("a", token), timeout=60,
        headers={"accept": "application/taxii+json;version=2.1", "content-type": "application/taxii+json;version=2.1"})
    answer.raise_for_status()


if __name__ == "__main__":
    main()
