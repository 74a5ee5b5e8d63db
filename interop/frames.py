"""Frames and the checkpoints they carry (docs/protocol.md, sections 6 to 8).

`Frame` reads the outer fields and the checkpoint's text; `check_signature` and then `entries`
verify it and give the entries with their leaf hashes. What is wrong here refuses the frame;
faults of single entries are found by entries.py.
"""

import re

from documents import MAX_LOG_SIZE
from gotong_bytes import (
    Reader,
    Refused,
    base64_bytes,
    digest,
    id_bytes,
    leaf_hash,
    require,
    root_from_proof,
    u8,
)
from notes import MAX_SMALL_NOTE, Note

try:
    import zstandard
except ImportError:
    zstandard = None

CRITICAL, CONTROL = 1, 2
MAX_COUNT = 1024
MAX_PROOF = 128
MAX_LENGTH = 8 << 20
MAX_WINDOW = 8 << 20
MAX_COMPRESSED = MAX_LENGTH + (64 << 10)
MAX_FRAME = 4 + 4 + MAX_SMALL_NOTE + 8 + 4 + 4 + 32 * MAX_PROOF + 1 + 4 + 4 + MAX_COMPRESSED
MAX_ENVELOPE = 16 << 10
MAX_BODY = 1 << 20
MAX_CONTROL_BODY = 64 << 10


class Checkpoint:
    """Origin, size and root, read from a note; `current` says whether the newest key signed it."""

    def __init__(self, data):
        self.note = Note(data, MAX_SMALL_NOTE)
        require(len(self.note.lines) == 3, "a checkpoint has three lines, not %d" % len(self.note.lines))
        self.origin, size, root = self.note.lines
        require(re.fullmatch(r"0|[1-9][0-9]{0,10}", size) is not None, "checkpoint size is misspelt: %r" % size[:40])
        self.size = int(size)
        require(self.size < MAX_LOG_SIZE, "checkpoint size is not below 2^36")
        self.root = base64_bytes(root, 32)
        parts = self.origin.split("/")
        require(len(parts) == 5 and parts[0] == "gotong", "origin is not gotong/<region>/<channel>/<member>/<epoch>")
        self.region_text, self.member = parts[1], parts[3]
        self.region = id_bytes(parts[1])
        self.channel = id_bytes(parts[2])
        self.epoch_text = parts[4]
        id_bytes(parts[4], 16)
        self.current = False

    def check_signature(self, charters, statements):
        require(self.region == charters.region, "checkpoint of another region")
        require(charters.root_signers(self.member), "%r is not a member of any charter" % self.member)
        keys = statements.node_keys(self.member)
        signers = self.note.signers([(self.origin, key) for key in keys])
        require(signers, "no signature of the checkpoint by a node key of %s" % self.member)
        self.current = (self.origin, keys[0]) in signers


class RawEntry:
    """An entry as a frame carries it; `envelope` and `body` are None when erased."""

    def __init__(self, reader, origin):
        form = reader.u8()
        require(form in (0, 1), "entry form %d is neither 0 nor 1" % form)
        self.flags = reader.u8()
        require(self.flags & ~(CRITICAL | CONTROL) == 0, "unknown flag bits: %d" % self.flags)
        self.critical = bool(self.flags & CRITICAL)
        self.control = bool(self.flags & CONTROL)
        self.envelope = self.body = None
        if form == 1:
            require(not self.control, "a control entry without its body")
            commitment = reader.take(32)
        else:
            salt1, salt2 = reader.take(32), reader.take(32)
            self.envelope = reader.lp(MAX_ENVELOPE, "envelope")
            self.body = reader.lp(MAX_CONTROL_BODY if self.control else MAX_BODY, "body")
            commitment = digest(
                "gotong/v0/leaf",
                origin,
                digest("gotong/v0/envelope", salt1, self.envelope),
                digest("gotong/v0/body", salt2, self.body),
            )
        self.leaf_hash = leaf_hash(b"\x00" + u8(self.flags) + commitment)


class Frame:
    """One frame; call `check_signature` before `entries`."""

    def __init__(self, data):
        reader = Reader(data, "frame")
        require(reader.take(4) == b"gtf0", "not a frame: wrong magic")
        self.checkpoint = Checkpoint(reader.lp(MAX_SMALL_NOTE, "checkpoint"))
        self.first = reader.u64()
        self.count = reader.u32()
        require(1 <= self.count <= MAX_COUNT, "frame of %d entries, not 1 to %d" % (self.count, MAX_COUNT))
        require(self.first + self.count <= self.checkpoint.size, "frame reaches past its checkpoint's size")
        number = reader.u32()
        require(number <= MAX_PROOF, "proof of %d hashes, more than %d" % (number, MAX_PROOF))
        self.proof = [reader.take(32) for _ in range(number)]
        self.encoding = reader.u8()
        require(self.encoding in (0, 1), "encoding %d is neither 0 nor 1" % self.encoding)
        self.length = reader.u32()
        require(self.length <= MAX_LENGTH, "entries of %d bytes, more than %d" % (self.length, MAX_LENGTH))
        self.packed = reader.lp(MAX_COMPRESSED, "entries")
        reader.end()

    def entries(self):
        """The entries, after their leaves proved to be under the checkpoint's root."""
        data = self.packed if self.encoding == 0 else decompress(self.packed, self.length)
        require(len(data) == self.length, "entries have %d bytes, not the %d promised" % (len(data), self.length))
        reader = Reader(data, "entries")
        found = [RawEntry(reader, self.checkpoint.origin) for _ in range(self.count)]
        reader.end()
        root = root_from_proof([e.leaf_hash for e in found], self.first, self.checkpoint.size, self.proof)
        require(root == self.checkpoint.root, "the proof does not give the checkpoint's root")
        return found


def decompress(data, length):
    """Exactly one zstd frame, without dictionary, of exactly `length` bytes."""
    require(
        zstandard is not None,
        "cannot be checked here: zstd frame, and the Python package zstandard is not installed",
    )
    require(data[:4] == b"\x28\xb5\x2f\xfd", "entries are not a zstd frame")
    try:
        header = zstandard.get_frame_parameters(data)
        require(header.dict_id == 0, "the zstd frame wants a dictionary")
        require(header.window_size <= MAX_WINDOW, "the zstd window is larger than %d" % MAX_WINDOW)
        stream = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
        result, at = bytearray(), 0
        while at < len(data) and not stream.eof:
            result += stream.decompress(data[at : at + 64])  # at most 16 blocks of 128 KiB come of these
            at += 64
            require(len(result) <= length, "the zstd frame has more bytes than promised")
        require(stream.eof, "the zstd frame is cut short")
        extra = len(stream.unused_data) + len(data[at:])
        require(extra == 0, "%d bytes follow the zstd frame" % extra)
    except zstandard.ZstdError as error:
        raise Refused("bad zstd frame: %s" % error)
    return bytes(result)
