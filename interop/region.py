"""A small region for the tests of governance: members, an agreement, and what changes them.
"""

import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import archive  # noqa: E402
import builder  # noqa: E402
import gotong_bytes as gb  # noqa: E402
from builder import CODES, FOUNDED, World  # noqa: E402
from test_verify import AGREEMENT, CHARTER, FRAME, NOTICE, STATEMENT, Case, verified  # noqa: E402


ZERO = gb.id_text(bytes(32))


def day(number, hour=0):
    """A time in January 2026, or after it."""
    return gb.shift_time(FOUNDED, days=number - 1, hours=hour)


def known(sections):
    """The governance of an archive of these sections."""
    file = io.BytesIO(builder.archive(sections))
    found = archive.list_sections(file)
    return archive.read_documents(found, lambda type_: ((s, s.bytes(file)) for s in found if s.type == type_), None)


class Region(Case):
    """A world whose documents are collected before the archive is made."""

    def setUp(self):
        super().setUp()
        self.charters, self.versions, self.notices = [], [], []

    def start(self, **changes):
        """Number 1 of the agreement, changed."""
        self.world.agreement_value.update(changes)
        self.world.set_agreement()
        value = self.world.agreement_value
        self.versions.append((AGREEMENT, self.world.agreement_note(value["parties"])))
        return value

    def amend(self, value, signers=CODES, **changes):
        value = self.world.amended(value, **changes)
        self.versions.append((AGREEMENT, self.world.agreement_note(signers, value)))
        return value

    def charter(self, value=None, signers=CODES, **changes):
        value = self.world.next_charter(value or self.world.charter_value, **changes)
        self.charters.append((CHARTER, self.world.charter(value, signers)))
        return value

    def notice(self, *arguments, **changes):
        value = self.world.notice_value(*arguments, **changes)
        self.notices.append((NOTICE, self.world.notice(value)))
        return value

    def documents(self):
        sections = [(CHARTER, self.world.charter())] + self.charters
        sections += [(STATEMENT, self.world.statement(code)) for code in CODES]
        return sections + self.versions + self.notices

    def view(self):
        return known(self.documents()).view(self.world.agreement)

    def logs(self, *logs):
        return verified(self.documents() + [(FRAME, log.frame()) for log in logs])["logs"]

    def member(self, code):
        return {"code": code, "name": {"en": code}, "role": "state", "root_key": World.public("root " + code)}

    def without(self, code):
        """Members and voters without one."""
        value = self.world.charter_value
        voters = [voter for voter in value["voters"] if voter != code]
        return {"members": [m for m in value["members"] if m["code"] != code], "voters": voters}

    def text_of(self, value):
        return gb.id_text(self.world.version_hash(value))


def two_party_type(**changes):
    return World.channel_type(audience=["id", "th"], writers=["id", "th"], **changes)
