"""Bytes of the protocol (docs/protocol.md, section 1, and the tree of section 6).

Length prefixes, tagged digests, ids as text and as words, base64, times, strict JSON reading,
canonical JSON (RFC 8785), and Merkle trees (RFC 6962). Whatever is not as the page says
raises `Refused` with a reason.
"""

import base64
import binascii
import datetime
import hashlib
import json
import math
import re
import struct

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32

MEMBER_CODE = re.compile(r"[a-z][a-z0-9-]{1,15}")
SLUG = re.compile(r"[a-z][a-z0-9-]{0,31}")
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z")
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


class Refused(Exception):
    """What was read is not as the protocol says; the message is the reason."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


# Length prefixes, digests, reading


def u8(n):
    return struct.pack(">B", n)


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


def lp(data):
    return u32(len(data)) + data


def sha256(data):
    return hashlib.sha256(data).digest()


def digest(tag, *parts):
    """D(tag, p1, …, pn); parts are bytes, or text taken as UTF-8."""
    joined = lp(tag.encode("ascii"))
    for part in parts:
        joined += lp(part.encode("utf-8") if isinstance(part, str) else part)
    return sha256(joined)


class Reader:
    """Takes values off the front of some bytes, and refuses to run past their end."""

    def __init__(self, data, what):
        self.data = data
        self.at = 0
        self.what = what

    def take(self, count):
        require(count <= len(self.data) - self.at, "%s ends too early" % self.what)
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.take(8))[0]

    def lp(self, most, name):
        length = self.u32()
        require(length <= most, "%s has %d bytes, more than %d" % (name, length, most))
        return self.take(length)

    def end(self):
        extra = len(self.data) - self.at
        require(extra == 0, "%d bytes follow the end of %s" % (extra, self.what))


# Ids, base64, times


def id_text(raw):
    """Base32, lower case, without padding."""
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def id_bytes(text, size=32):
    """The reverse of `id_text`, strict."""
    require(isinstance(text, str), "an id is not text")
    length = (size * 8 + 4) // 5
    require(len(text) == length, "id %r has %d characters, not %d" % (text, len(text), length))
    value = 0
    for character in text:
        position = _BASE32.find(character)
        require(position >= 0, "id %r has a character outside lower-case base32" % text)
        value = value << 5 | position
    spare = length * 5 - size * 8
    require(value & ((1 << spare) - 1) == 0, "id %r has non-zero trailing bits" % text)
    return (value >> spare).to_bytes(size, "big")


def id_words(raw):
    """A 32-byte id as 16 proquints."""
    words = []
    for (group,) in struct.iter_unpack(">H", raw):
        words.append(
            _CONSONANTS[group >> 12]
            + _VOWELS[group >> 10 & 3]
            + _CONSONANTS[group >> 6 & 15]
            + _VOWELS[group >> 4 & 3]
            + _CONSONANTS[group & 15]
        )
    return "-".join(words)


def words_bytes(text):
    """The reverse of `id_words`, strict."""
    words = text.split("-")
    require(len(words) == 16, "an id in words has 16 words, not %d" % len(words))
    raw = b""
    for word in words:
        require(len(word) == 5, "%r is not a word of five letters" % word)
        group = 0
        for position, letter in enumerate(word):
            letters, bits = (_CONSONANTS, 4) if position % 2 == 0 else (_VOWELS, 2)
            require(letter in letters, "%r is not a proquint" % word)
            group = group << bits | letters.index(letter)
        raw += struct.pack(">H", group)
    return raw


def base64_text(raw):
    return base64.b64encode(raw).decode("ascii")


def base64_bytes(text, size=None):
    """Padded, canonical base64, of `size` bytes when given."""
    require(isinstance(text, str), "base64 is not text")
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise Refused("bad base64 %r" % text[:80])
    require(base64_text(raw) == text, "base64 is not canonical: %r" % text[:80])
    require(size is None or len(raw) == size, "base64 holds %d bytes, not %s" % (len(raw), size))
    return raw


def check_time(value):
    """A time of the one spelling; these compare as text."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    require(match is not None, "%r is not a time" % (value,))
    require(match.group(1) >= "1970", "time %s is before 1970" % value)
    try:
        datetime.datetime(*[int(part) for part in match.groups()])
    except ValueError:
        raise Refused("%s is no instant" % value)
    return value


def shift_time(time, **amount):
    """The time so much later, as text that compares with times, even where no time is left."""
    parts = [int(part) for part in _TIME.fullmatch(time).groups()]
    try:
        moved = datetime.datetime(*parts) + datetime.timedelta(**amount)
    except OverflowError:
        return "~" if datetime.timedelta(**amount) > datetime.timedelta(0) else ""
    return moved.isoformat(timespec="microseconds") + "Z"


# JSON


def _integer(text):
    require(len(text) <= 17 and abs(int(text)) <= MAX_INTEGER, "integer out of range: %s" % text[:40])
    return -0.0 if text == "-0" else int(text)  # -0 is a number, but no integer as the page writes them


def _float(text):
    value = float(text)
    require(math.isfinite(value), "number out of range: %s" % text[:40])
    return value


def _constant(text):
    raise Refused("%s is not JSON" % text)


def _object(pairs):
    value = {}
    for name, member in pairs:
        require(name not in value, "duplicate member name %r" % name)
        value[name] = member
    return value


def _walk(value, depth):
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Refused("lone surrogate in JSON text")
    elif isinstance(value, (dict, list)):
        require(depth < MAX_DEPTH, "JSON is nested deeper than %d" % MAX_DEPTH)
        if isinstance(value, dict):
            for name in value:
                _walk(name, depth + 1)
            value = value.values()
        for member in value:
            _walk(member, depth + 1)


def read_json(data):
    """Strict reading of bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("JSON is not UTF-8")
    require(not text.startswith("\ufeff"), "JSON begins with a byte order mark")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
        )
    except RecursionError:
        raise Refused("JSON is nested deeper than %d" % MAX_DEPTH)
    except ValueError as error:
        raise Refused("not JSON: %s" % error)
    _walk(value, 0)
    return value


def read_canonical(data):
    value = read_json(data)
    require(canonical(value) == data, "JSON is not canonical")
    return value


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _quote(text):
    def escape(match):
        character = match.group(0)
        return _ESCAPES.get(character) or "\\u%04x" % ord(character)

    return '"' + re.sub(r'[\x00-\x1f"\\]', escape, text) + '"'


def _number(value):
    """A float as ECMAScript writes it; Python's repr gives the same shortest digits."""
    if value == 0:
        return "0"
    mantissa, _, exponent = ("%r" % abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)  # digits stand for 0.DIGITS × 10^point
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        text += "e%s%d" % ("+" if point > 0 else "-", abs(point - 1))
    return ("-" if value < 0 else "") + text


def _serialise(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, list):
        return "[" + ",".join(_serialise(member) for member in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(_quote(name) + ":" + _serialise(value[name]) for name in names) + "}"


def canonical(value):
    """RFC 8785."""
    return _serialise(value).encode("utf-8")


# Checks of JSON values


def is_integer(value, least=0, most=MAX_INTEGER):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def check_integer(value, name, least=0, most=MAX_INTEGER):
    require(is_integer(value, least, most), "%s is not an integer from %d to %d" % (name, least, most))
    return value


def check_text(value, name, most, least=0):
    require(isinstance(value, str), "%s is not text" % name)
    require(len(value.encode("utf-8")) >= least, "%s has less than %d bytes" % (name, least))
    require(len(value.encode("utf-8")) <= most, "%s has more than %d bytes" % (name, most))
    return value


def check_match(value, pattern, name):
    require(isinstance(value, str) and pattern.fullmatch(value) is not None, "%s is misspelt: %r" % (name, value))
    return value


def check_members(value, names, what):
    """`value` is an object with exactly these members."""
    require(isinstance(value, dict), "%s is not an object" % what)
    for name in names:
        require(name in value, "%s lacks member %r" % (what, name))
    for name in value:
        require(name in names, "%s has a member that is not named: %r" % (what, name))
    return value


def check_list(value, name, least, most):
    require(isinstance(value, list), "%s is not an array" % name)
    require(least <= len(value) <= most, "%s has %d elements, not %d to %d" % (name, len(value), least, most))
    return value


def check_sorted(texts, name):
    """Strictly ascending by the bytes of the text."""
    for before, after in zip(texts, texts[1:]):
        require(before.encode("utf-8") < after.encode("utf-8"), "%s is not sorted" % name)
    return texts


# Merkle trees


def leaf_hash(leaf):
    return sha256(b"\x00" + leaf)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def largest_power_below(n):
    """The largest power of two smaller than n, for n above 1."""
    return 1 << ((n - 1).bit_length() - 1)


class Tree:
    """Perfect subtrees of the leaves so far, largest first: enough for the root at this size."""

    def __init__(self):
        self.size = 0
        self.peaks = []

    def append(self, hashed_leaf):
        peak, rest = hashed_leaf, self.size
        while rest & 1:
            peak = node_hash(self.peaks.pop(), peak)
            rest >>= 1
        self.peaks.append(peak)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_from_proof(hashed_leaves, first, size, proof):
    """The root that a range of leaves and the hashes outside it give (section 8)."""
    rest = iter(proof)
    last = first + len(hashed_leaves)

    def root(low, high):
        if high <= first or low >= last:
            found = next(rest, None)
            require(found is not None, "the proof has too few hashes")
            return found
        if high - low == 1:
            return hashed_leaves[low - first]
        middle = low + largest_power_below(high - low)
        left = root(low, middle)
        return node_hash(left, root(middle, high))

    result = root(0, size)
    require(next(rest, None) is None, "the proof has hashes left over")
    return result
