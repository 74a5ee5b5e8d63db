#!/usr/bin/env python3
"""Every method of PyMISP that speaks to a MISP, against running nodes: it works, or it is refused in words.

    misp_methods.py BASE TOKEN OTHER_BASE OTHER_TOKEN CONSTITUENT_TOKEN KEEPER_TOKEN [--table]

BASE and OTHER_BASE are two members of one region that share rti/indicators; KEEPER_TOKEN is of a
role of the first that keeps blocklists, which TOKEN's does not. No method may fail in
another way, and none may answer as if something had been done that was not. With --table the
table of docs/book/misp.md is printed. Needs the packages of requirements.txt.
"""

import inspect
import json
import logging
import sys
import time
import uuid

from pymisp import (MISPAttribute, MISPEvent, MISPEventReport, MISPGalaxyCluster, MISPGalaxyClusterRelation,
                    MISPNote, MISPObject, MISPObjectReference, MISPOpinion, MISPOrganisation, MISPRelationship,
                    MISPRole, MISPServer, MISPSharingGroup, MISPSighting, MISPTag, MISPUser, MISPFeed,
                    MISPCorrelationExclusion, PyMISP)
from pymisp.exceptions import PyMISPError

logging.getLogger("pymisp").setLevel(logging.CRITICAL + 1)

# Those that speak to nobody, or to somebody else.
ALONE = {"build_complex_query", "make_timestamp", "toggle_global_pythonify", "describe_types_local",
         "pymisp_version_master", "pymisp_version_main", "misp_instance_version_master", "get_all_functions"}


def until(what, seconds=60):
    end = time.time() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.time() < end, "nothing came within %d seconds" % seconds
        time.sleep(0.2)


def good(answer):
    assert not (isinstance(answer, dict) and "errors" in answer), answer["errors"]
    return answer


def bad(answer, status):
    assert isinstance(answer, dict) and "errors" in answer, answer
    assert answer["errors"][0] == status, answer
    said = answer["errors"][1]
    assert said["message"] and said["errors"], answer
    return said


class Table:
    def __init__(self, misp):
        self.misp, self.rows = misp, {}

    def works(self, name, *args, **kw):
        """Calls a method that has to work; its answer."""
        answer = getattr(self.misp, name)(*args, **kw)
        good(answer)
        self.rows[name] = "works"
        return answer

    def refused(self, name, *args, **kw):
        """Calls a method that has to be refused, with a sentence that says why and what to do."""
        try:
            answer = getattr(self.misp, name)(*args, **kw)
        except PyMISPError as error:
            # PyMISP itself goes on from a refusal with this, where it asks for a thing first.
            assert str(error), name
            self.rows[name] = "refused"
            return
        if hasattr(answer, "status_code"):
            answer = {"errors": [answer.status_code, answer.json()]}
        status = answer["errors"][0] if isinstance(answer, dict) and "errors" in answer else None
        assert status in (400, 403, 404), (name, answer)
        said = answer["errors"][1]
        assert said["message"] and said["errors"], (name, answer)
        self.rows.setdefault(name, "refused")


def group_of(misp, name):
    return [one for one in good(misp.sharing_groups(pythonify=True)) if one.name == name][0]


def fresh(group, info):
    event = MISPEvent()
    event.info, event.distribution, event.sharing_group_id = info, 4, group.id
    event.add_tag("tlp:green")
    event.add_attribute("domain", "methods.example", to_ids=True)
    thing = MISPObject("file", standalone=False)
    thing.add_attribute("filename", "methods.exe", to_ids=True)
    thing.add_attribute("md5", "0" * 32, to_ids=True)
    event.add_object(thing)
    return event


def events(table, group):
    event = table.works("add_event", fresh(group, "Every method"), pythonify=True)
    table.works("get_event", event.uuid)
    assert table.misp.event_exists(event.uuid) and not table.misp.event_exists("0" * 8 + event.uuid[8:])
    table.rows["event_exists"] = "works"
    event.info = "Every method, edited"
    event.timestamp = None
    event = table.works("update_event", event, pythonify=True)
    assert event.info == "Every method, edited"
    for name in ("events", "attributes", "tags", "sharing_groups", "organisations", "users", "roles"):
        table.works(name) if name != "attributes" else table.refused(name)
    table.works("publish", event.uuid)
    table.works("unpublish", event.uuid)
    table.works("search", "events", eventid=event.uuid)
    table.works("search_index", eventinfo="Every")
    found = table.works("search", "attributes", value="methods.exe")
    assert event.uuid in [one["Event"]["uuid"] for one in found["Attribute"]], found
    table.refused("contact_event_reporter", event.uuid, "hello")
    table.refused("enrich_event", event.uuid, "dns")
    table.refused("push_event_to_ZMQ", event.uuid)
    table.refused("freetext", event.uuid, "8.8.8.8")
    table.refused("delegate_event", event.uuid, organisation=1, distribution=0, message="x")
    table.refused("change_sharing_group_on_entity", table.misp.get_event(event.uuid, pythonify=True), 17)
    return event


def parts(table, event):
    one = MISPAttribute()
    one.type, one.value, one.to_ids = "domain", "second.example", True
    one = table.works("add_attribute", event, one, pythonify=True)
    assert table.misp.attribute_exists(one.uuid)
    table.rows["attribute_exists"] = "works"
    table.works("get_attribute", one.uuid)
    table.works("update_attribute", {"uuid": one.uuid, "comment": "seen twice"}, attribute_id=one.uuid)
    table.works("delete_attribute", one.uuid)
    table.works("restore_attribute", one.uuid)
    table.works("delete_attribute", one.uuid, hard=True)
    table.refused("enrich_attribute", one.uuid, "dns")
    # One within an object, by its own UUID.
    thing = event.objects[0]
    inner = [one for one in thing.attributes if one.type == "filename"][0]
    assert table.misp.get_attribute(inner.uuid, pythonify=True).value == "methods.exe"
    edited = good(table.misp.update_attribute({"comment": "within"}, attribute_id=inner.uuid))
    assert edited["Attribute"]["comment"] == "within" and edited["Attribute"]["object_id"] != "0", edited
    good(table.misp.tag(inner.uuid, 'admiralty-scale:source-reliability="b"'))
    good(table.misp.delete_attribute(inner.uuid))
    left = table.misp.get_event(event.uuid, pythonify=True)
    assert [one.type for one in left.objects[0].attributes] == ["md5"], left.to_json()
    assert table.works("get_object", thing.uuid) and table.misp.object_exists(thing.uuid)
    table.rows["object_exists"] = "works"
    other = MISPObject("domain-ip", standalone=False)
    other.add_attribute("domain", "third.example", to_ids=True)
    other = table.works("add_object", event, other, pythonify=True)
    other.comment = "edited"
    other.timestamp = None
    table.works("update_object", other)
    reference = MISPObjectReference()
    reference.from_dict(object_uuid=other.uuid, referenced_uuid=thing.uuid, relationship_type="related-to")
    made = table.works("add_object_reference", reference)
    table.works("delete_object_reference", made["ObjectReference"]["uuid"])
    again = good(table.misp.get_object(other.uuid))["Object"]
    assert all(one["deleted"] for one in again["ObjectReference"]), again
    bad(table.misp.delete_object_reference("0" * 8 + event.uuid[8:]), 404)
    table.works("delete_object", other.uuid)
    for name, args in (("object_templates", ()), ):
        table.works(name, *args)
    for name, args in (("get_object_template", ("file",)), ("get_raw_object_template", ("file",)),
                       ("update_object_templates", ())):
        table.refused(name, *args)
    report = MISPEventReport()
    report.name, report.content, report.distribution = "What we saw", "# A report", 5
    report = table.works("add_event_report", event, report, pythonify=True)
    assert table.works("get_event_report", report.uuid, pythonify=True).content == "# A report"
    assert len(table.works("get_event_reports", event.id)) == 1
    report.content = "# A longer report"
    report.timestamp = None
    assert table.works("update_event_report", report, pythonify=True).content == "# A longer report"
    table.works("delete_event_report", report.uuid)
    assert table.misp.get_event_reports(event.id) == []
    bad(table.misp.add_event_report(event, {"name": "", "content": "x"}), 400)


def sight(table, event):
    one = event.attributes[0]
    made = table.works("add_sighting", {"type": "0"}, one, pythonify=True)
    assert len(table.works("sightings", event)) == 1
    table.works("search_sightings", context="event", context_id=event.uuid)
    table.works("delete_sighting", made.uuid)
    table.works("tag", one, "rsit:fraud=\"phishing\"")
    table.works("untag", one, "rsit:fraud=\"phishing\"")
    assert [one["Tag"]["name"] for one in table.works("search_tags", "tlp:gr%")] == ["tlp:green"]
    assert table.misp.search_tags("rsit:%") == []
    tag = [one for one in table.misp.tags(pythonify=True) if one.name == "tlp:green"][0]
    assert table.works("get_tag", tag.id, pythonify=True).name == "tlp:green"
    new = MISPTag()
    new.name, new.id = "own:tag", 7
    for name in ("add_tag", "enable_tag", "disable_tag", "update_tag"):
        table.refused(name, new)
    table.refused("delete_tag", 7)


def propose(table, other, bank, event):
    """Proposals from another member, who reads the event."""
    mine = until(lambda: (lambda one: one if isinstance(one, MISPEvent) and one.attributes else None)(
        other.get_event(event.uuid, pythonify=True)))
    assert not isinstance(mine, dict)
    attribute = [one for one in mine.attributes if one.value == "methods.example"][0]
    # PyMISP proposes by itself where a change is refused with the sentence that it knows.
    said = good(other.update_attribute({"value": "changed.example", "type": "domain", "category": "Network activity",
                                        "to_ids": True}, attribute_id=attribute.uuid))
    change = said["ShadowAttribute"]
    assert change["value"] == "changed.example" and change["uuid"] == attribute.uuid, change
    new = MISPAttribute()
    new.type, new.value, new.category = "domain", "proposed.example", "Network activity"
    added = good(other.add_attribute_proposal(event.uuid, new))["ShadowAttribute"]
    gone = good(other.delete_attribute_proposal(attribute.uuid))
    assert gone["saved"], gone
    rows = until(lambda: (lambda found: found if len(found) == 3 else None)(table.misp.attribute_proposals(event)))
    table.works("attribute_proposals", event.uuid)
    assert len(table.misp.attribute_proposals()) >= 3
    pulled = good(table.misp.direct_call("shadow_attributes/index/all:1/timestamp:0/limit:1000/page:1/deleted[]:0/deleted[]:1.json"))
    assert {one["ShadowAttribute"]["event_uuid"] for one in pulled} >= {event.uuid}
    for row in rows:
        assert row["ShadowAttribute"]["Org"]["name"], row
    to_delete = [one["ShadowAttribute"]["id"] for one in rows if one["ShadowAttribute"]["proposal_to_delete"]]
    assert len(to_delete) == 1
    assert table.works("get_attribute_proposal", change["id"], pythonify=True).value == "changed.example"
    # Only who published the event settles what others propose.
    bad(other.accept_attribute_proposal(change["id"]), 403)
    bad(bank.discard_attribute_proposal(change["id"]), 403 if bank.event_exists(event.uuid) else 404)
    table.works("discard_attribute_proposal", to_delete[0])
    table.works("accept_attribute_proposal", change["id"])
    table.works("accept_attribute_proposal", added["id"])
    now = table.misp.get_event(event.uuid, pythonify=True)
    values = sorted(one.value for one in now.attributes)
    assert values == ["changed.example", "proposed.example"], values
    left = table.misp.attribute_proposals(event)
    assert left == [], left
    bad(table.misp.accept_attribute_proposal(change["id"]), 404)
    # The one who proposed sees it settled.
    until(lambda: other.attribute_proposals(event.uuid) == [])
    for name in ("add_attribute_proposal", "update_attribute_proposal", "delete_attribute_proposal"):
        table.rows[name] = "works"
    again = good(other.add_attribute_proposal(event.uuid, {"type": "domain", "value": "again.example"}))
    good(other.discard_attribute_proposal(again["ShadowAttribute"]["id"]))
    assert other.attribute_proposals(event.uuid) == []
    # Who proposes asks for more care: it stays as strict when somebody else settles it.
    strict = good(other.add_attribute_proposal(event.uuid, {"type": "domain", "value": "strict.example", "Tag": [{"name": "tlp:amber"}]}))
    number = strict["ShadowAttribute"]["id"]
    until(lambda: "errors" not in table.misp.get_attribute_proposal(number))
    good(table.misp.discard_attribute_proposal(number))

    def settled():
        rows = good(other.direct_call("shadow_attributes/index/%s/deleted[]:0/deleted[]:1" % event.uuid))
        return [one["ShadowAttribute"] for one in rows if one["ShadowAttribute"]["id"] == number and one["ShadowAttribute"]["deleted"]]
    assert [tag["name"] for tag in until(settled)[0]["Tag"]] == ["tlp:amber"]
    # An organisation of the member may propose where it reads, and settles nothing of the staff's.
    if bank.event_exists(event.uuid):
        own = bank.add_attribute_proposal(event.uuid, {"type": "domain", "value": "bank.example"})
        if "errors" not in own:
            bad(bank.accept_attribute_proposal(own["ShadowAttribute"]["id"]), 403)
    else:
        for act in (bank.update_attribute_proposal, lambda uuid, _: bank.delete_attribute_proposal(uuid)):
            bad(act(attribute.uuid, {"value": "x.example"}), 404)
        bad(bank.add_attribute_proposal(event.uuid, {"type": "domain", "value": "bank.example"}), 404)


def lists(table):
    misp = table.misp
    taxonomies = table.works("taxonomies", pythonify=True)
    named = {one.namespace: one for one in taxonomies}
    assert {"tlp", "PAP", "admiralty-scale", "rsit"} <= set(named), named
    tlp = table.works("get_taxonomy", named["tlp"])
    tags = {one["tag"]: one["existing_tag"] for one in tlp["entries"]}
    assert set(tags) >= {"tlp:red", "tlp:amber", "tlp:amber+strict", "tlp:green", "tlp:clear"} and tags["tlp:green"]
    table.works("enable_taxonomy", named["tlp"])
    table.works("enable_taxonomy_tags", named["tlp"].id)
    for name in ("disable_taxonomy", "disable_taxonomy_tags"):
        table.refused(name, named["tlp"])
    table.refused("update_taxonomies")
    table.refused("set_taxonomy_required", named["tlp"].id, True)
    table.refused("get_taxonomy", 5)
    galaxies = table.works("galaxies", pythonify=True)
    assert galaxies, "the event of this conversation has a galaxy"
    galaxy = [one for one in galaxies if one.type == "threat-actor"][0]
    assert table.works("search_galaxy", "threat")
    whole = table.works("get_galaxy", galaxy, withCluster=True, pythonify=True)
    cluster = [one for one in whole.clusters if one.value == "Methodical Actor"][0]
    assert table.works("get_galaxy_cluster", cluster.uuid)["GalaxyCluster"]["value"] == "Methodical Actor"
    assert len(table.works("search_galaxy_clusters", galaxy, searchall="methodical")) == 1
    table.refused("update_galaxies")
    new = MISPGalaxyCluster()
    new.from_dict(value="x", uuid=cluster.uuid, Galaxy={"uuid": galaxy.uuid}, default=False)
    for name, args in (("add_galaxy_cluster", (galaxy.uuid, new)), ("update_galaxy_cluster", (new,)),
                       ("publish_galaxy_cluster", (cluster.uuid,)), ("fork_galaxy_cluster", (galaxy.uuid, cluster)),
                       ("delete_galaxy_cluster", (cluster.uuid,)),
                       ("delete_galaxy_cluster_relation", (cluster.uuid,))):
        table.refused(name, *args)
    relation = MISPGalaxyClusterRelation()
    relation.from_dict(galaxy_cluster_uuid=cluster.uuid, referenced_galaxy_cluster_uuid=cluster.uuid,
                       referenced_galaxy_cluster_type="similar", uuid=cluster.uuid)
    table.refused("add_galaxy_cluster_relation", relation)
    table.refused("update_galaxy_cluster_relation", relation)
    table.works("warninglists")
    table.works("values_in_warninglist", ["192.0.2.1"])
    table.refused("get_warninglist", 99)
    table.refused("toggle_warninglist", 1)
    table.refused("enable_warninglist", 1)
    table.refused("disable_warninglist", 1)
    table.refused("update_warninglists")
    table.works("noticelists")
    for name, args in (("get_noticelist", (1,)), ("enable_noticelist", (1,)), ("disable_noticelist", (1,)),
                       ("update_noticelists", ()), ("correlation_exclusions", ()), ("get_correlation_exclusion", (1,)),
                       ("delete_correlation_exclusion", (1,)), ("clean_correlation_exclusions", ()),
                       ("decaying_models", ()), ("update_decaying_models", ()), ("enable_decaying_model", (1,)),
                       ("disable_decaying_model", (1,))):
        table.refused(name, *args)
    exclusion = MISPCorrelationExclusion()
    exclusion.from_dict(value="x")
    table.refused("add_correlation_exclusion", exclusion)
    types = good(misp.describe_types_remote)
    table.rows["describe_types_remote"] = "works"
    mine = misp.describe_types_local
    mine = mine["result"] if "result" in mine else mine
    for category, listed in types["category_type_mappings"].items():
        unknown = [one for one in listed if one not in mine["types"]]
        assert not unknown, (category, unknown)
    for one, sane in types["sane_defaults"].items():
        assert one in types["category_type_mappings"][sane["default_category"]], one
    return types, mine


def block(table, keeper, group):
    """Blocklists as PyMISP keeps them: by one who may, and with what they keep away."""
    kept = Table(keeper)
    for what, record, uuid_name in (("event", "EventBlocklist", "event_uuid"), ("organisation", "OrgBlocklist", "org_uuid")):
        one = fresh(group, "Blocked by its " + what)
        maker = MISPOrganisation()
        maker.from_dict(name="Elsewhere", uuid=str(uuid.uuid4()))
        one.Orgc = maker
        blocked = one.uuid if what == "event" else maker.uuid
        listed = lambda: kept.works(what + "_blocklists", pythonify=True)
        added = kept.works("add_%s_blocklist" % what, [blocked, "no uuid"], comment="for a test")
        assert added["result"]["successes"] == [blocked] and added["result"]["fails"] == ["no uuid"], added
        rows = [row for row in listed() if getattr(row, uuid_name) == blocked]
        assert len(rows) == 1 and rows[0].comment == "for a test", rows
        said = bad(table.misp.add_event(one, pythonify=True), 403)
        assert said["message"] == "Event blocked by %s blocklist." % what, said
        rows[0].comment = "another"
        assert kept.works("update_%s_blocklist" % what, rows[0], pythonify=True).comment == "another"
        assert kept.works("update_%s_blocklist" % what, {"comment": "third"}, blocked)[record]["comment"] == "third"
        assert kept.works("delete_%s_blocklist" % what, rows[0])["success"]
        assert blocked not in [getattr(row, uuid_name) for row in listed()]
        bad(getattr(keeper, "delete_%s_blocklist" % what)(blocked), 404)
        added = good(table.misp.add_event(one, pythonify=True))
        good(table.misp.delete_event(added))
    table.rows.update(kept.rows)


def instance(table, event):
    for name in ("recommended_pymisp_version", "misp_instance_version"):
        answer = getattr(table.misp, name)
        assert answer.get("version"), answer
        table.rows[name] = "works"
    assert table.misp.version["version"]
    table.rows["version"] = "works"
    table.works("get_sync_config")
    table.works("get_user", "me")
    table.works("get_organisation", table.works("organisations")[0]["Organisation"]["uuid"])
    assert table.misp.organisation_exists(table.misp.organisations()[0]["Organisation"]["uuid"])
    group = table.works("sharing_groups", pythonify=True)[0]
    table.works("get_sharing_group", group.id)
    assert table.misp.sharing_group_exists(group.id) and not table.misp.sharing_group_exists(5)
    table.rows["organisation_exists"] = table.rows["sharing_group_exists"] = "works"
    organisation, user, role = MISPOrganisation(), MISPUser(), MISPRole()
    organisation.from_dict(name="New", id=1)
    user.from_dict(email="x@example.org", id=1)
    role.from_dict(name="New", id=1)
    new, server, feed = MISPSharingGroup(), MISPServer(), MISPFeed()
    new.from_dict(name="new", releasability="x", id=1)
    server.from_dict(name="x", url="https://misp.example", remote_org_id=1, id=1)
    feed.from_dict(name="x", url="https://feed.example", provider="x", id=1)
    for name in ("feeds", "event_blocklists", "organisation_blocklists"):
        table.works(name)
    for name, args in (
            ("add_organisation", (organisation,)), ("update_organisation", (organisation,)), ("delete_organisation", (1,)),
            ("add_user", (user,)), ("update_user", (user,)), ("delete_user", (1,)), ("get_new_authkey", ()),
            ("change_user_password", ("x",)), ("user_registrations", ()), ("discard_user_registration", (1,)),
            ("accept_user_registration", (1,)), ("users_heartbeat", ()), ("users_statistics", ()), ("user_settings", ()),
            ("get_user_setting", ("x",)), ("set_user_setting", ("x", "y")), ("delete_user_setting", ("x",)),
            ("add_role", (role,)), ("update_role", (role,)), ("set_default_role", (1,)), ("delete_role", (1,)),
            ("add_sharing_group", (new,)), ("update_sharing_group", (new,)), ("delete_sharing_group", (group.id,)),
            ("add_org_to_sharing_group", (group.id, 1)), ("remove_org_from_sharing_group", (group.id, 1)),
            ("add_server_to_sharing_group", (group.id, 1)), ("remove_server_from_sharing_group", (group.id, 1)),
            ("servers", ()), ("add_server", (server,)), ("import_server", (server,)), ("update_server", (server,)),
            ("delete_server", (1,)), ("server_pull", (1,)), ("server_push", (1,)), ("test_server", (1,)),
            ("get_feed", (1,)), ("add_feed", (feed,)), ("update_feed", (feed,)), ("enable_feed", (1,)), ("disable_feed", (1,)),
            ("enable_feed_cache", (1,)), ("disable_feed_cache", (1,)), ("delete_feed", (1,)), ("fetch_feed", (1,)),
            ("fetch_all_feeds", ()), ("cache_all_feeds", ()), ("cache_feed", (1,)), ("cache_freetext_feeds", ()),
            ("cache_misp_feeds", ()), ("compare_feeds", ()), ("load_default_feeds", ()), ("search_feeds", ("x",)),
            ("add_event_blocklist", (event.uuid,)), ("delete_event_blocklist", (event.uuid,)),
            ("add_organisation_blocklist", (event.uuid,)), ("delete_organisation_blocklist", (event.uuid,)),
            ("update_event_blocklist", ({"comment": "x"}, event.uuid)), ("update_organisation_blocklist", ({"comment": "x"}, event.uuid)),
            ("communities", ()), ("get_community", (1,)), ("request_community_access", (1,)),
            ("event_delegations", ()), ("accept_event_delegation", (1,)), ("discard_event_delegation", (1,)),
            ("search_logs", ()), ("sign_blob", ("x",)), ("attributes_statistics", ()), ("tags_statistics", ()),
            ("server_settings", ()), ("get_server_setting", ("x",)), ("set_server_setting", ("x", "y")), ("remote_acl", ()),
            ("update_misp", ()), ("restart_workers", ()), ("restart_dead_workers", ()), ("get_workers", ()), ("start_worker", ("x",)),
            ("stop_worker_by_pid", (1,)), ("kill_all_workers", ()), ("db_schema_diagnostic", ())):
        if name in ("recommended_pymisp_version",):
            continue
        table.refused(name, *args)
    note, opinion, relation = MISPNote(), MISPOpinion(), MISPRelationship()
    for one in (note, opinion, relation):
        one.from_dict(object_uuid=event.uuid, object_type="Event", uuid=event.uuid, note="x", opinion=50, comment="x",
                      related_object_uuid=event.uuid, related_object_type="Event", relationship_type="x")
    for kind, one in (("note", note), ("opinion", opinion), ("relationship", relation)):
        for act in ("get", "add", "update", "delete"):
            table.refused("%s_%s" % (act, kind), one)
    for act in ("get", "add", "update", "delete"):
        table.refused("%s_analyst_data" % act, note)
    table.refused("attach_galaxy_cluster", event, {"uuid": event.uuid, "type": "x", "id": 1})
    table.refused("upload_stix", data=json.dumps({"type": "bundle"}))


def methods():
    every = inspect.getmembers(PyMISP, lambda one: callable(one) or isinstance(one, property))
    return sorted(name for name, _ in every if not name.startswith("_") and name not in ALONE)


def main():
    base, token, other_base, other_token, bank_token, keeper_token = sys.argv[1:7]
    misp, other, bank, keeper = (PyMISP(where + "/misp/", who) for where, who in
                                 ((base, token), (other_base, other_token), (base, bank_token), (base, keeper_token)))
    table, group = Table(misp), group_of(misp, "rti/indicators")
    event = events(table, group)
    parts(table, event)
    event = misp.get_event(event.uuid, pythonify=True)
    sight(table, event)
    propose(table, other, bank, event)
    actor = fresh(group, "An actor")
    said, actor = json.loads(actor.to_json()), MISPEvent()
    actor.from_dict(**said, Galaxy=[{
        "uuid": "698774c7-8022-42c4-917f-8d6e4f06ada3", "name": "Threat Actor", "type": "threat-actor", "GalaxyCluster": [{
            "uuid": "7cdff317-a673-4474-84ec-4f1754947823", "type": "threat-actor", "value": "Methodical Actor",
            "tag_name": 'misp-galaxy:threat-actor="Methodical Actor"', "meta": {"synonyms": ["M1"]}}]}])
    actor = good(misp.add_event(actor, pythonify=True))
    types, mine = lists(table)
    block(table, keeper, group)
    instance(table, event)
    table.works("delete_event", actor.uuid)
    table.works("delete_event", event.uuid)
    table.works("direct_call", "servers/getVersion")
    left = [name for name in methods() if name not in table.rows]
    if "--table" in sys.argv:
        for row in sorted(table.rows.items()):
            print("| `%s` | %s |" % row)
        same = sum(1 for one, sane in types["sane_defaults"].items()
                   if mine["sane_defaults"][one]["to_ids"] == sane["to_ids"])
        print("missing types:", sorted(set(mine["types"]) - set(types["types"])), "to_ids as in MISP:", same, "of", len(types["types"]))
        for one, sane in types["sane_defaults"].items():
            if mine["sane_defaults"][one] != sane:
                print("differs", one, sane, mine["sane_defaults"][one])
    assert not left, left
    works = sorted(name for name, what in table.rows.items() if what == "works")
    print(json.dumps({"event": event.uuid, "works": len(works), "refused": len(table.rows) - len(works)}))


if __name__ == "__main__":
    main()
