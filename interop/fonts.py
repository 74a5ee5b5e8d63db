#!/usr/bin/env python3
"""Makes the fonts that are parts of others: the languages' own names in one file, and Burmese apart from the other languages of its script.

    fonts.py FOLDER            writes them into FOLDER, where the whole fonts are
    fonts.py FOLDER --check    says which of those in FOLDER are not what is made now, and ends with 1 if any is not

With one version of fontTools and brotli (`requirements.txt`) the same bytes come out each time. What each file is for is in `third_party/README.md`.
"""

import io
import os
import sys

from fontTools import merge, subset
from fontTools.ttLib import TTFont

# As the languages call themselves (`gotong_language::Language::native_name`).
NAMES = {"thai": "ไทย", "lao": "ລາວ", "khmer": "ខ្មែរ", "myanmar": "မြန်မာ", "tamil": "தமிழ்"}
# What Burmese is written with; Mon, Shan, Karen, Pali and others need more of the script.
BURMESE = [(0x1000, 0x1021), (0x1023, 0x1027), (0x1029, 0x1032), (0x1036, 0x104F)]
# Joiners, and the circle under a mark that stands alone.
BESIDE = [0x20, 0x200B, 0x200C, 0x200D, 0x25CC]
# Seconds since 1904, written into every file: when it was made must not change what is made.
MADE = 3_800_000_000


def part(path, signs):
    """Only these signs of a font, with everything that their shaping needs."""
    options = subset.Options()
    options.layout_features, options.name_IDs, options.hinting, options.recalc_timestamp = ["*"], ["*"], False, False
    font = subset.load_font(path, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=signs)
    cutter.subset(font)
    return font


def packed(font):
    font["head"].created, font["head"].modified, font.recalcTimestamp, font.flavor = MADE, MADE, False, "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def names(folder):
    parts = []
    for script, name in NAMES.items():
        font = part(os.path.join(folder, "noto-sans-%s-400.woff2" % script), [ord(sign) for sign in name])
        font.flavor = None
        written = io.BytesIO()
        font.save(written)
        written.seek(0)
        parts.append(written)
    return packed(merge.Merger(merge.Options(drop_tables=["STAT", "gasp", "prep"])).merge(parts))


def burmese(folder, weight):
    signs = BESIDE + [sign for first, last in BURMESE for sign in range(first, last + 1)]
    return packed(part(os.path.join(folder, "noto-sans-myanmar-%d.woff2" % weight), signs))


def made(folder):
    return {"noto-sans-names.woff2": names(folder), **{"noto-sans-burmese-%d.woff2" % weight: burmese(folder, weight) for weight in (400, 700)}}


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    folder, wrong = sys.argv[1], []
    for name, content in made(folder).items():
        path = os.path.join(folder, name)
        if len(sys.argv) == 2:
            with open(path, "wb") as file:
                file.write(content)
            continue
        with open(path, "rb") as file:
            if file.read() != content:
                wrong.append(name)
        signs = len(TTFont(path).getBestCmap())
        print("%s: %d bytes, %d signs%s" % (name, len(content), signs, ", not what is made now" if name in wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
