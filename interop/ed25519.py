"""Ed25519 after RFC 8032 in plain Python: strict verification, and signing for the tests.

Strict means: the cofactorless equation [S]B = R + [k]A, S below the group order, A and R in
their one canonical encoding and not of small order. Nothing here runs in constant time:
`sign` exists for test keys only.
"""

import functools
import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)

# Points are extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x*y = T/Z.


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _double(p):
    a = p[0] * p[0] % P
    b = p[1] * p[1] % P
    c = 2 * p[2] * p[2] % P
    h = a + b
    e = h - (p[0] + p[1]) * (p[0] + p[1])
    g = a - b
    f = c + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _negate(p):
    return (-p[0] % P, p[1], p[2], -p[3] % P)


def _is_identity(p):
    return p[0] % P == 0 and (p[1] - p[2]) % P == 0


def _small_order(p):
    return _is_identity(_double(_double(_double(p))))


def _encode(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def _decode(data):
    """The point encoded by 32 bytes, or None when they are not a canonical encoding of one."""
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, value & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P != 0:
        x = x * SQRT_MINUS_ONE % P
        if (v * x * x - u) % P != 0:
            return None
    if x == 0 and sign == 1:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def _table(p):
    """0·p to 15·p, for four bits at a time."""
    table = [IDENTITY, p]
    while len(table) < 16:
        table.append(_add(table[-1], p))
    return table


BASE = _decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
_BASE_TABLE = _table(BASE)


def _two_products(s, table_s, k, table_k):
    """s·(point of table_s) + k·(point of table_k)."""
    result = IDENTITY
    for shift in range(252, -1, -4):
        for _ in range(4):
            result = _double(result)
        digit = (s >> shift) & 15
        if digit:
            result = _add(result, table_s[digit])
        digit = (k >> shift) & 15
        if digit:
            result = _add(result, table_k[digit])
    return result


def _hash_to_scalar(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


def good_key(public_key):
    """Whether 32 bytes are a canonical public key that is not of small order."""
    point = _decode(public_key) if len(public_key) == 32 else None
    return point is not None and not _small_order(point)


@functools.lru_cache(maxsize=4096)
def verify(public_key, message, signature):
    """Whether `signature` is a strictly valid Ed25519 signature of `message`."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    point = _decode(public_key)
    if point is None or _small_order(point):
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    k = _hash_to_scalar(signature[:32], public_key, message)
    r = _two_products(s, _BASE_TABLE, k, _table(_negate(point)))
    # _encode only makes canonical encodings, so a non-canonical R never compares equal.
    return _encode(r) == signature[:32] and not _small_order(r)


def _expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar = (scalar & ((1 << 254) - 8)) | (1 << 254)
    return scalar, digest[32:]


def _times_base(scalar):
    return _two_products(scalar % ORDER, _BASE_TABLE, 0, _BASE_TABLE)


def public_key(seed):
    """The public key of a 32-byte seed."""
    return _encode(_times_base(_expand(seed)[0]))


def sign(seed, message):
    """A signature by the key of a 32-byte seed. For tests: not constant time."""
    scalar, prefix = _expand(seed)
    own = public_key(seed)
    r = _hash_to_scalar(prefix, message)
    encoded_r = _encode(_times_base(r))
    s = (r + _hash_to_scalar(encoded_r, own, message) * scalar) % ORDER
    return encoded_r + s.to_bytes(32, "little")
