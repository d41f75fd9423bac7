#!/usr/bin/env python3
"""Check an evidence pack without the program that made it: python3 check_pack.py FILE.zip.

One file, Python 3.9 or later, nothing to install, no network; nothing is written. It recomputes the list of files, the
report's manifest, the custody log from its first entry on, and every Ed25519 signature, and says what differs. Exit
code 0: nothing differs. 1: something does. 2: this is no evidence pack.

It was written apart from the program, from the description of the pack, so that a mistake in one shows in the other.
What a pack cannot show by itself: that its content is true, and whose keys these are. Compare the fingerprints with
what the officers tell you, and the head of the log, as words or as a hash, with what is written down elsewhere.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
import zipfile

MOST_BYTES, MOST_FILES, RATIO, CHUNK = 1 << 30, 10_000, 200, 1 << 20
MOST_OF = {"ledger.jsonl": 128 << 20}
MOST_READ, MOST_KEY, MOST_LINE, MOST_LIST = 32 << 20, 4096, 8 << 20, 4 << 20
SIDE_FILES = (
    "manifest.json",
    "manifest.sha256",
    "manifest.sig",
    "manifest.tsr",
    "WITHDRAWN.txt",
    "CITES_WITHDRAWN.txt",
)
NOTICES = {"withdrawn": "WITHDRAWN.txt", "cites_withdrawn": "CITES_WITHDRAWN.txt"}
SMALL = {"pack.json", "pack.sig"} | {"run/" + name for name in SIDE_FILES}
REPORT = re.compile(r"run/report(\.[a-z]{2})?\.html")
TWIN = re.compile(rb'^<span class="mono long" data-twin="([A-Za-z0-9.]+)">([0-9a-f]{64})</span>\n', re.M)
PRINTED = re.compile(rb'^<span class="mono long" data-entry="([1-9][0-9]{0,8})">([0-9a-f]{64})</span>$', re.M)
PARTS = ("seq", "at", "officer", "kind", "payload", "prev")
MOST_STAMP = 256 << 10
ASKED = ("nonce", "policy")
STAMPED_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?\+00:00")
HEX = set("0123456789abcdef")


class NoPack(Exception):
    """What was given cannot be a pack."""


# -- Ed25519, after RFC 8032, section 5.1 ---------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def added(a, b):
    """Sum of two points in extended coordinates."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def times(n, point):
    """A point, n times."""
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = added(total, point)
        point = added(point, point)
        n >>= 1
    return total


def point_of(code):
    """The point that 32 bytes stand for; None: none."""
    y = int.from_bytes(code, "little")
    sign, y = y >> 255, (y & ((1 << 255) - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def code_of(point):
    """The 32 bytes of a point."""
    inverse = pow(point[2], P - 2, P)
    return (point[1] * inverse % P | (point[0] * inverse % P & 1) << 255).to_bytes(32, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(public, signature, content):
    """Whether a signature (hex) of some bytes was made with this key (hex)."""
    try:
        key, sig = bytes.fromhex(public), bytes.fromhex(signature)
    except (ValueError, TypeError):
        return False
    if len(key) != 32 or len(sig) != 64:
        return False
    point, s = point_of(key), int.from_bytes(sig[32:], "little")
    if point is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(sig[:32] + key + content).digest(), "little") % ORDER
    minus = (P - point[0], point[1], 1, P - point[3])
    return code_of(added(times(s, BASE), times(h, minus))) == sig[:32]


# -- small things ---------------------------------------------------------------------------------------------------


def sha(content):
    return hashlib.sha256(content).hexdigest()


def canonical(value):
    """The one way in which a statement is written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def once(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def refused(name):
    raise ValueError(name)


def parsed(content):
    """JSON, without keys that stand twice and without NaN."""
    try:
        return json.loads(content, object_pairs_hook=once, parse_constant=refused)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def is_hash(value):
    return isinstance(value, str) and len(value) == 64 and set(value) <= HEX


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def fingerprint(public):
    mark = sha(bytes.fromhex(public))[:32]
    return " ".join(mark[i : i + 4] for i in range(0, 32, 4))


def key_of(value):
    """Officer and public key of a key as it is told; None: it is told wrongly."""
    if not isinstance(value, dict):
        return None
    officer, public = value.get("officer"), value.get("public_key")
    try:
        fits = isinstance(officer, str) and len(bytes.fromhex(public)) == 32 and public == public.lower()
        return (officer, public) if fits and fingerprint(public) == value.get("fingerprint") else None
    except (ValueError, TypeError, AttributeError):
        return None


def signs(statement, public):
    """Whether a statement carries the signature of a key over everything else in it."""
    rest = {name: value for name, value in statement.items() if name != "signature"}
    try:
        return signed_by(public, statement.get("signature"), canonical(rest))
    except (ValueError, TypeError):
        return False


LIKE = str.maketrans("авеёзікмнорстухјѕԁԛѡһɡıɩοαβεικνρτυχγωϲ01|", "abee3ikmhopctyxjsdqwhgiioabeikvptuxywcoll")


def plain_name(name):
    """One form for every way of writing a name: letters that look alike, order of the words, marks, capitals."""
    text = unicodedata.normalize("NFKC", name).casefold().translate(LIKE)
    kept, latin = [], False
    for char in unicodedata.normalize("NFD", text):
        kind = unicodedata.category(char)
        if kind[0] in "LN":
            latin = char.isascii()
            kept.append(char)
        elif kind[0] == "M" and not latin:
            kept.append(char)
        elif kind[0] in "ZP" or char.isspace():
            latin = False
            kept.append(" ")
    return " ".join(sorted("".join(kept).split()))


def one_person(a, b):
    a, b = plain_name(a), plain_name(b)
    return a == b or sorted(a.replace(" ", "")) == sorted(b.replace(" ", ""))


def bip(value):
    """A name as it may be printed: nothing invisible, not too long."""
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(value))
    return text if len(text) <= 120 else text[:119] + "…"


# -- what is in the pack --------------------------------------------------------------------------------------------


def most_kept(name):
    if name.startswith("keys/"):
        return MOST_KEY
    return MOST_OF.get(name) or (MOST_READ if name in SMALL or REPORT.fullmatch(name) else 0)


class Bounded:
    """A file of which no long piece is read at once, whatever an archive says of itself."""

    def __init__(self, stream):
        self.stream = stream
        self.seek, self.tell, self.seekable, self.close = stream.seek, stream.tell, stream.seekable, stream.close

    def read(self, n=-1):
        if n is None or n < 0:
            n = MOST_LIST + 1
        content = self.stream.read(n) if n <= MOST_LIST + 1 else b""
        if n > MOST_LIST + 1 or len(content) > MOST_LIST:
            raise NoPack("it holds a list of more files than a pack has")
        return content


DAMAGE = (zipfile.BadZipFile, EOFError, OSError, ValueError, KeyError, IndexError, OverflowError, RuntimeError,
          NotImplementedError)  # fmt: skip


class Check:
    """The check of one pack."""

    def __init__(self, path):
        self.path = path
        self.differs, self.notes, self.unseen = [], [], []
        self.hashes, self.sizes, self.contents = {}, {}, {}
        self.entries, self.heads, self.called = None, [], []
        self.current, self.owner, self.since, self.until, self.covered = {}, {}, {}, {}, {}
        self.adopted, self.reports, self.gone, self.used = set(), {}, {}, {}
        self.decided, self.named, self.results = {}, {}, {}
        self.lined, self.ended, self.answers, self.judged = {}, {}, {}, {}

    def wrong(self, what, how):
        sentence = f"{bip(what)}: {how}"
        if sentence not in self.differs and len(self.differs) < 1000:
            self.differs.append(sentence)

    def run(self):
        import struct
        import zlib

        damage = (*DAMAGE, struct.error, zlib.error)
        if os.path.isdir(self.path):
            self.read_folder()
        else:
            try:
                with open(self.path, "rb") as raw, zipfile.ZipFile(Bounded(raw)) as archive:
                    if len(archive.infolist()) > MOST_FILES:
                        raise NoPack("it is too large for a pack")
                    self.from_the_front(raw, os.path.getsize(self.path))
                    self.read_archive(archive, os.path.getsize(self.path), damage)
            except damage:
                raise NoPack("it is no ZIP file that can be read") from None
        if "pack.json" not in self.hashes:
            raise NoPack("it holds no pack.json")
        listed = self.check_list()
        if listed is None:
            return self
        self.read_log(listed)
        manifest = self.check_run(listed)
        self.check_entries(manifest, listed)
        self.check_signer(listed, manifest)
        self.unseen.append("the received files: they are not part of a pack; their hashes are in pack.json")
        self.unseen.append("whether the log was written anew as a whole: compare its head with what is noted elsewhere")
        if not self.owner:
            self.unseen.append("who wrote it: nobody signed in this log")
        else:
            self.unseen.append("whose keys signed: compare the fingerprints with what the officers tell you")
        if not any(one["kind"] in ("time_stamp", "log_time_stamp") for one in self.entries or []):
            self.unseen.append("when it was written: there is no time stamp of an outside authority")
        return self

    def read_archive(self, archive, size, damage):
        left = min(MOST_BYTES, max(size, CHUNK) * RATIO)
        for info in archive.infolist():
            name = info.filename
            if name in self.hashes:
                self.wrong(name, "it is in the pack twice")
                continue
            if name.endswith("/"):
                continue
            try:
                if info.compress_type not in (0, 8) or info.flag_bits & 1:
                    raise ValueError("packed in another way")
                digest, kept, length, most = hashlib.sha256(), [], 0, most_kept(name)
                with archive.open(info) as stream:
                    for piece in iter(lambda: stream.read(CHUNK), b""):
                        length += len(piece)
                        if length > left:
                            raise NoPack("it is too large for a pack")
                        digest.update(piece)
                        if length <= most:
                            kept.append(piece)
                if length != info.file_size:
                    raise ValueError("another size")
            except damage:
                self.hashes[name] = None
                self.wrong(name, "it is damaged")
                continue
            left -= length
            self.hashes[name], self.sizes[name] = digest.hexdigest(), length
            if length <= most:
                self.contents[name] = b"".join(kept)

    def from_the_front(self, raw, size):
        """Read the archive once more, from its first byte on, and hold its list at the end against that."""
        import struct

        try:
            listed, begin = list_at_the_end(raw, size)
            for told in listed.values():
                shown = told["name"].decode("utf-8" if told["flags"] & 0x800 else "cp437", "replace")
                self.called.append((shown, told["mode"], told["flags"] & 0x800 or told["name"].isascii()))
            at = 0
            while at < begin:
                if at not in listed:
                    raise ValueError("bytes that belong to no file of its list")
                at = self.one_from_the_front(raw, at, listed.pop(at))
            if at > begin or listed:
                raise ValueError("its list tells of files that do not lie one after the other")
        except (ValueError, OverflowError, struct.error) as error:
            self.wrong("the archive", f"it can be read in two ways: {error}")
        seen, folders = {}, set()
        for name, mode, plain in self.called:
            fault = name_fault(name, mode)
            if fault is None and not plain:
                fault = "is written in letters that the archive does not tell of"
            if fault is not None:
                self.wrong(name, f"its name {fault}")
            if name.endswith("/"):
                continue
            parts = [unicodedata.normalize("NFC", part).casefold().rstrip(". ") for part in name.split("/")]
            if seen.setdefault("/".join(parts), name) != name:
                self.wrong(name, "it is one file with another where capitals are not told apart")
            folders.update("/".join(parts[:n]) for n in range(1, len(parts)))
        for alike in folders & set(seen):
            self.wrong(seen[alike], "it is a file and a folder")

    def one_from_the_front(self, raw, at, told):
        """Compare what stands before a file with what the list tells of it; where the file ends."""
        import struct

        head = piece(raw, at, 30)
        mark, _, flags, method, time, day, crc, packed, size, names, extras = struct.unpack("<4s5H3L2H", head)
        name = piece(raw, at + 30, names)
        wide = wide_sizes(piece(raw, at + 30 + names, extras), [size, packed])
        size, packed = wide
        end = at + 30 + names + extras + told["packed"]
        shown = told["name"].decode("utf-8" if told["flags"] & 0x800 else "cp437", "replace")
        if mark != b"PK\x03\x04":
            raise ValueError("a file does not begin where its list says")
        known = ((crc, told["crc"]), (packed, told["packed"]), (size, told["size"]))
        if flags & 8 and all(here in (0, 2**32 - 1, there) for here, there in known):
            crc, packed, size = told["crc"], told["packed"], told["size"]
            short = struct.pack("<4s3L", b"PK\x07\x08", crc, packed & (2**32 - 1), size & (2**32 - 1))
            long = struct.pack("<4sL2Q", b"PK\x07\x08", crc, packed, size)
            if piece(raw, end, 16) == short and max(packed, size) < 2**32:
                end += 16
            elif piece(raw, end, 24) == long:
                end += 24
            else:
                raise ValueError("what stands behind a file says something else of it than the list")
        here = {"name": name, "flags": flags, "method": method, "when": (time, day), "crc": crc, "packed": packed,
                "size": size}  # fmt: skip
        if any(told[part] != value for part, value in here.items()) or (method == 0 and packed != size):
            self.wrong(shown, "what stands before it says something else of it than the list")
        elif flags & ~0x80E:
            self.wrong(shown, "it is packed in a way that programs take for different things")
        return end

    def read_folder(self):
        for folder, folders, names in os.walk(self.path):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            for one in names + links:
                place = os.path.join(folder, one)
                name = os.path.relpath(place, self.path).replace(os.sep, "/")
                if len(self.hashes) >= MOST_FILES:
                    raise NoPack("it holds too many files for a pack")
                try:
                    if not stat.S_ISREG(os.lstat(place).st_mode):
                        raise OSError("no regular file")
                    digest, length, kept, most = hashlib.sha256(), 0, [], most_kept(name)
                    with open(place, "rb") as stream:
                        for piece in iter(lambda stream=stream: stream.read(CHUNK), b""):
                            digest.update(piece)
                            length += len(piece)
                            if length <= most:
                                kept.append(piece)
                except OSError:
                    self.hashes[name] = None
                    self.wrong(name, "it cannot be read as a file")
                    continue
                self.hashes[name], self.sizes[name] = digest.hexdigest(), length
                if length <= most:
                    self.contents[name] = b"".join(kept)

    def content(self, name):
        """A small file of the pack, or None, which is said."""
        if name not in self.hashes:
            self.wrong(name, "it is missing")
            return None
        if self.hashes[name] is not None and name not in self.contents:
            self.wrong(name, "it is too long")
        return self.contents.get(name)

    # -- the list ---------------------------------------------------------------------------------------------------

    def check_list(self):
        try:
            listed = parsed(self.contents["pack.json"])
            files = [(file["path"], file["sha256"], file.get("bytes")) for file in listed["files"]]
            good = listed["pack_version"] == 1 and all(isinstance(a, str) and isinstance(b, str) for a, b, _ in files)
            ledger = listed["ledger"]
            good = good and isinstance(ledger["length"], int) and isinstance(ledger["head"], str)
            if not good or not isinstance(listed["originals"], list) or not isinstance(listed["run_id"], str):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            self.wrong("pack.json", "it is no list of a pack that can be read")
            return None
        told = {"pack.json", "pack.sig"}
        for name, digest, size in files:
            if name in told:
                self.wrong("pack.json", f"it lists {bip(name)} twice")
            told.add(name)
            if name not in self.hashes:
                self.wrong(name, "it is missing")
            elif self.hashes[name] is not None and self.hashes[name] != digest:
                self.wrong(name, "its content is not what was recorded (SHA-256 differs)")
            elif self.hashes[name] is not None and self.sizes[name] != size:
                self.wrong("pack.json", f"the size that it tells of {bip(name)} is another")
        for name in sorted(set(self.hashes) - told):
            self.wrong(name, "pack.json does not know this file")
        signer = listed.get("signer")
        if signer is not None:
            self.signature("pack.json", "pack.sig", signer, self.contents["pack.json"])
        elif "pack.sig" in self.hashes:
            self.wrong("pack.sig", "pack.json tells of no signature")
        else:
            self.notes.append("nobody signed this pack: whoever changes a file and every list leaves no trace in it")
        return listed

    def signature(self, what, where, signer, content):
        key = key_of(signer)
        if key is None:
            self.wrong(what, "it names no key: officer, key and fingerprint do not fit")
            return
        self.notes.append(
            f"{what} is signed by {bip(key[0])}, key {fingerprint(key[1])}: compare it with the officer's"
        )
        try:
            said = str(parsed_loosely(self.contents[where])["signature"])
            file = {"algorithm": "Ed25519", "officer": key[0], "public_key": key[1], "fingerprint": fingerprint(key[1])}
            file["signature"] = said
            forms = [json.dumps(file, indent=1, sort_keys=given) + "\n" for given in (False, True)]
            fits = self.contents[where] in [form.encode() for form in forms]
            fits = fits and re.fullmatch("[0-9a-f]{128}", said) is not None
            fits = fits and signed_by(key[1], said, content)
        except (ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            self.wrong(where, f"it is no signature of {what} with the key that is named there")

    # -- the run ----------------------------------------------------------------------------------------------------

    def check_run(self, listed):
        content, sidecar = self.content("run/manifest.json"), self.content("run/manifest.sha256")
        if content is None:
            return None
        if sidecar is not None and sidecar != f"{sha(content)}  manifest.json\n".encode():
            self.wrong("run/manifest.sha256", "it does not hold the hash of manifest.json")
        manifest = manifest_of(content)
        if manifest is None:
            self.wrong("run/manifest.json", "it is no manifest that can be read")
            return None
        run = str(manifest.get("run_id"))
        inside = set(SIDE_FILES)
        for file in manifest["files"]:
            inside.add(file["path"])
            name = "run/" + file["path"]
            if name not in self.hashes:
                self.wrong(name, "it is missing")
            elif self.hashes[name] != file["sha256"]:
                self.wrong(name, "its content is not what the manifest says")
        for name in sorted(self.hashes):
            if name.startswith("run/") and name[4:] not in inside:
                self.wrong(name, "the manifest does not know this file")
        self.twins(manifest)
        self.printed(manifest)
        originals = [{"name": one.get("name"), "sha256": one.get("sha256")} for one in manifest["inputs"]]
        told = {"originals": originals, "case": manifest.get("case"), "run_id": manifest.get("run_id")}
        for name, value in told.items():
            if listed.get(name) != value:
                self.wrong("pack.json", f"its {name} is not what the manifest says")
        if manifest.get("signer") is not None:
            self.content("run/manifest.sig")
            self.signature("run/manifest.json", "run/manifest.sig", manifest["signer"], content)
        elif "run/manifest.sig" in self.hashes:
            self.wrong("run/manifest.sig", "the manifest tells of no signature")
        if self.entries is not None:
            self.run_in_log(manifest, run, sha(content))
        return manifest

    def twins(self, manifest):
        """Two reports of a run, each in one language: each holds the hash of the other without the line of that."""
        facts = manifest.get("facts")
        told = facts.get("reports") if isinstance(facts, dict) else None
        names = [str(name) for name in told.values()] if isinstance(told, dict) else []
        if len(names) != 2:
            return
        pages = [self.content("run/" + name) for name in names]
        for number, other in ((0, 1), (1, 0)):
            if pages[number] is None or pages[other] is None:
                continue
            named = [(file.decode(), digest.decode()) for file, digest in TWIN.findall(pages[number])]
            if named != [(names[other], sha(TWIN.sub(b"", pages[other])))]:
                self.wrong("run/" + names[number], f"it does not name {bip(names[other])} with its hash")

    def printed(self, manifest):
        """Each report prints the first and the last entry of the log, as it was then."""
        facts = manifest.get("facts")
        told = facts.get("reports") if isinstance(facts, dict) else None
        names = list(told.values()) if isinstance(told, dict) else []
        if not all(isinstance(name, str) for name in names):
            return
        for name in names:
            page = self.content("run/" + name) if "run/" + name in self.hashes else None
            if page is None:
                continue
            lines = [(int(number), head.decode()) for number, head in PRINTED.findall(page)]
            numbers = [number for number, _ in lines]
            if manifest.get("log_printed") is True and (
                len(numbers) != 2 or numbers[0] != 1 or numbers[1] > manifest["ledger"]["length"]
            ):
                self.wrong("run/" + name, "it does not print the first and the last entry of the log")
            for number, head in lines:
                if self.entries is not None and self.heads[number - 1 : number] != [head]:
                    self.wrong("run/" + name, f"the entry {number} that it prints is not that of the log")

    def of_run(self, kind, run):
        return [one for one in self.entries if one["kind"] == kind and one["said"].get("run_id") == run]

    def run_in_log(self, manifest, run, digest):
        told = self.of_run("report", run)
        key = key_of(manifest.get("signer"))
        if not told or told[-1]["said"].get("manifest_sha256") != digest:
            self.wrong("run/manifest.json", "it is not the manifest that the custody log tells of")
        elif told[-1]["said"].get("signed_by") != (key[1] if key else None):
            self.wrong("run/manifest.json", "the custody log tells of another key")
        pages = told[-1]["said"].get("reports") if told else None
        listed = {file["path"]: file["sha256"] for file in manifest["files"]}
        if isinstance(pages, dict) and any(listed.get(name) != digest for name, digest in pages.items()):
            self.wrong("run/manifest.json", "the custody log tells of other reports")
        length = manifest["ledger"]["length"]
        if length > len(self.entries) or (length and self.heads[length - 1] != manifest["ledger"].get("head")):
            self.wrong("ledger.jsonl", "it is not the log that the manifest tells of: it was cut off or written anew")
        self.stamp(run, self.of_run("time_stamp", run))
        for kind, name in NOTICES.items():
            last = [one for one in self.entries if one["kind"] == kind and str(one["said"].get("run_id")) == run][-1:]
            if kind == "cites_withdrawn":
                last = self.of_run(kind, run)[-1:]
            if last:
                self.notes.append(f"this report {kind.replace('_', ' ')} ({last[0]['at'][:10]}): see run/{name}")
                notice = self.content("run/" + name)
                if notice is not None and notice.decode("utf-8", "replace") != last[0]["said"].get("notice"):
                    self.wrong("run/" + name, "it is not the notice that the custody log tells of")
            elif "run/" + name in self.hashes:
                self.wrong("run/" + name, "the custody log does not know of it")

    def stamp(self, run, told):
        name = "run/manifest.tsr"
        if not told and name not in self.hashes:
            return
        answer, content = self.content(name), self.contents.get("run/manifest.json", b"")
        if answer is None:
            return
        if not told or told[-1]["said"].get("answer_sha256") != sha(answer):
            self.wrong(name, "it is not the time stamp that the custody log tells of")
        stamped = stamp_in(answer)
        if stamped is None or stamped["digest"] != sha(content):
            self.wrong(name, "it is no time stamp of manifest.json")
        elif stamped["fault"] is not None:
            self.wrong(name, f"it is no sound time stamp: {stamped['fault']}")
        elif told and told[-1]["said"].get("stamped_at") != stamped["at"]:
            self.wrong(name, "the custody log tells of another time")
        elif told and any(part in told[-1]["said"] and told[-1]["said"][part] != stamped[part] for part in ASKED):
            self.wrong(name, "it is the answer to another question than the custody log tells of")
        if stamped is not None and stamped["unseen"] is not None:
            self.unseen.append(stamped["unseen"])
        self.unseen.append(
            "whose certificate signed the time stamp, and whether it was revoked: openssl ts -verify -in manifest.tsr "
            "-data manifest.json -CAfile …"
        )

    def looked(self, one, said):
        """The tables of a look are those that an entry before it tells of the same look."""
        place, results = said.get("derived"), said.get("results")
        if isinstance(place, str) and isinstance(results, dict):
            for name, digest in results.items():
                first = self.results.setdefault((place, name), digest)
                if first != digest and name.endswith(".parquet"):
                    self.entry_wrong(one, f"tells of another {bip(name)} than an entry before it of the same look")

    def log_stamp(self, one, said):
        """An authority's answer about an entry of the log: its hash and its time; who signed it is another matter."""
        length = said.get("length")
        if not whole(length) or not 1 <= length < one["seq"] or self.heads[length - 1] != said.get("head"):
            self.entry_wrong(one, "is a time stamp of another log: entries before it were written anew")
            return
        try:
            answer = base64.b64decode(str(said.get("answer")), validate=True)
        except ValueError:
            answer = b""
        stamped = stamp_in(answer) if len(answer) <= MOST_STAMP else None
        if stamped is None or stamped["digest"] != self.heads[length - 1]:
            self.entry_wrong(one, f"holds no time stamp of entry {length}")
        elif stamped["fault"] is not None:
            self.entry_wrong(one, f"holds no sound time stamp: {stamped['fault']}")
        elif stamped["at"] != said.get("stamped_at"):
            self.entry_wrong(one, "tells of another time than its time stamp")
        elif any(part in said and said[part] != stamped[part] for part in ASKED):
            self.entry_wrong(one, "holds the answer to another question than it tells of")
        else:
            self.notes.append(f"a time stamp says that entry {length} was there at {stamped['at']}")
            self.beside_clock(one, said, self.entries[length - 1]["at"])
        if stamped is not None and stamped["unseen"] is not None:
            self.unseen.append(stamped["unseen"])
        self.unseen.append(
            "whose certificates signed the time stamps of the log, and whether they were revoked: base64 -d of an "
            "answer into x.tsr, then openssl ts -verify -in x.tsr -digest HEAD -CAfile …"
        )

    def beside_clock(self, one, said, before):
        """The time of an authority beside those of the log: five minutes apart is told."""
        told = said.get("stamped_at")
        if not isinstance(told, str) or not STAMPED_AT.fullmatch(told):
            self.entry_wrong(one, "tells of no time")
            return
        try:
            at = datetime.datetime.fromisoformat(told)
            own = datetime.datetime.fromisoformat(one["at"].replace("Z", "+00:00"))
            apart = abs((own - at).total_seconds())
            if before is not None:
                late = datetime.datetime.fromisoformat(before.replace("Z", "+00:00"))
                apart = max(apart, (late - at).total_seconds())
        except (ValueError, TypeError):
            return
        if apart > 300:
            self.entry_wrong(one, f"is dated {apart:,.0f} seconds from the authority's time that it tells")

    # -- the log ----------------------------------------------------------------------------------------------------

    def read_log(self, listed):
        prev, entries = "0" * 64, []
        for number, line in enumerate(self.contents.get("ledger.jsonl", b"").split(b"\n"), start=1):
            if not line:
                continue
            try:
                row = parsed(line) if len(line) <= MOST_LINE else {}
                good = set(row) == {*PARTS, "hash"} and type(row["seq"]) is int and row["seq"] == number
                good = good and all(isinstance(row[part], str) for part in PARTS[1:]) and row["prev"] == prev
                if not good or sha(canonical({part: row[part] for part in PARTS})) != row["hash"]:
                    raise ValueError
                said = parsed(row["payload"])
                if not isinstance(said, dict) or canonical(said).decode() != row["payload"]:
                    raise ValueError
            except (ValueError, KeyError, TypeError):
                self.wrong(
                    "ledger.jsonl", f"entry {number} is not what its hash says, or does not follow the one before"
                )
                return
            prev = row["hash"]
            self.heads.append(prev)
            entries.append({**row, "said": said})
        self.entries = entries
        if len(entries) != listed["ledger"]["length"] or prev != listed["ledger"]["head"]:
            self.wrong("ledger.jsonl", "its length or head is not the one that pack.json tells of")

    def entry_wrong(self, one, how):
        self.wrong("ledger.jsonl", f"entry {one['seq']} ({bip(one['kind'])}) {how}")

    def check_entries(self, manifest, listed):
        entries = self.entries or []
        self.clock(entries)
        for one in entries:
            kind, said = one["kind"], one["said"]
            if kind == "officer_key":
                self.key_entered(one, said)
            elif kind == "key_revoked":
                self.key_revoked(one, said)
            elif kind == "report":
                self.report(one, said, manifest)
            elif kind == "review":
                self.line_up_first(one, said, manifest)
                self.review(one, said, manifest)
            elif kind == "pattern_decision":
                self.decision(one, said)
            elif kind == "line_up":
                self.line_up(one, said)
            elif kind == "line_up_answer":
                self.line_up_answer(one, said)
            elif kind == "log_time_stamp":
                self.log_stamp(one, said)
            elif kind == "run_disposed":
                report, digest = self.reports.get(str(said.get("run_id"))), said.get("manifest_sha256")
                if report is not None and digest is not None and report["said"].get("manifest_sha256") != digest:
                    self.entry_wrong(one, "takes away a run with another manifest than the report has")
            elif kind == "investigate":
                self.looked(one, said)
            elif kind in ("withdrawn", "time_stamp"):
                report = self.about_report(one, said)
                if kind == "time_stamp":
                    self.beside_clock(one, said, None if report is None else report["at"])
                if kind == "withdrawn":
                    self.gone.setdefault(str(said.get("run_id")), one["seq"])
            signer = {"officer_key": said, "key_revoked": said.get("by")}.get(kind)
            if kind in ("review", "line_up_answer", "pattern_decision"):
                signer = said.get("key")
            key = key_of(signer)
            if key is not None:
                self.covers(key[1], said.get("ledger"))
            elif kind == "report" and isinstance(said.get("signed_by"), str):
                self.covers(said["signed_by"], {"length": one["seq"] - 1})

    def covers(self, public, place):
        length = place.get("length") if isinstance(place, dict) else None
        if isinstance(length, int):
            self.covered[public] = max(self.covered.get(public, 0), length)

    def clock(self, entries):
        last = None
        for one in entries:
            try:
                at = datetime.datetime.fromisoformat(one["at"].replace("Z", "+00:00"))
                at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
            except ValueError:
                self.entry_wrong(one, "is dated with what is no time")
                continue
            if last is not None:
                gap = (at - last[1]).total_seconds()
                if gap < 0:
                    self.entry_wrong(one, "is dated before the entry before it")
                else:
                    moved = moved_by(last[0]["said"].get("clock"), one["said"].get("clock"), gap)
                    if moved is not None and abs(moved) > 300:
                        self.entry_wrong(one, f"follows a clock that was set by {moved:,.0f} seconds")
            last = (one, at)
        now = datetime.datetime.now(datetime.timezone.utc)
        if last is not None and last[1] > now + datetime.timedelta(days=1):
            self.entry_wrong(last[0], "is dated in the future")

    def place(self, one, said):
        """Whether a signed statement tells of the log as it is here; it says where it tells of another."""
        if said.get("ledger") is None:
            return False
        place = said["ledger"] if isinstance(said["ledger"], dict) else {}
        length = place.get("length")
        if not whole(length) or not 1 <= length < one["seq"] or self.heads[length - 1] != place.get("head"):
            self.entry_wrong(one, "was signed on another log: entries before it were written anew")
        return True

    def once(self, one, said):
        first = self.used.setdefault(str(said.get("signature")), one["seq"])
        if first != one["seq"]:
            self.entry_wrong(one, f"carries the signature of entry {first}")

    def enter(self, public, whose, seq):
        before = self.current.get(whose)
        if before is not None and before != public:
            self.until.setdefault(before, seq)
        self.owner.setdefault(public, whose)
        self.since.setdefault(public, seq)
        if public not in self.until:
            self.current[whose] = public

    def key_entered(self, one, said):
        key = key_of(said)
        if key is None:
            self.entry_wrong(one, "enters what is no key")
            return
        officer, public = key
        whose = plain_name(officer)
        self.adopted.discard(public)
        if not signs(said, public):
            self.entry_wrong(one, "carries a signature that does not fit")
        self.once(one, said)
        self.place(one, said)
        if one["officer"] != officer:
            self.entry_wrong(one, "is not by the officer whose key it enters")
        before = self.current.get(whose)
        if self.owner.get(public, whose) != whose:
            self.entry_wrong(one, "enters another officer's key")
        elif public in self.until:
            self.entry_wrong(one, "enters a key again that was revoked or replaced")
        elif before not in (None, public) and not leads(said.get("statements"), before, public):
            self.entry_wrong(one, "enters a new key, and the old one did not sign that it is replaced")
        self.enter(public, whose, one["seq"])

    def key_revoked(self, one, said):
        key, public = key_of(said.get("by")), said.get("public_key")
        if key is None:
            self.entry_wrong(one, "names no key")
        else:
            if not signs(said, key[1]):
                self.entry_wrong(one, "carries a signature that does not fit")
            self.once(one, said)
            self.place(one, said)
            if not isinstance(public, str) or public not in self.owner:
                self.entry_wrong(one, "revokes a key that the log does not know")
            else:
                seen = key[1] in self.since and key[1] not in self.until
                if key[1] != public and not (seen and self.since[key[1]] <= self.covered.get(public, 0)):
                    self.entry_wrong(one, "revokes a key with one that it never signed over")
        public = str(public)
        if public in self.owner:
            self.until.setdefault(public, one["seq"])
            if self.current.get(self.owner[public]) == public:
                del self.current[self.owner[public]]

    def signer(self, what, officer, public, bound, seq):
        """Hold a key that signed something against the log up to there."""
        whose = plain_name(officer)
        known = self.current.get(whose)
        if self.until.get(public, seq + 1) <= seq:
            how = "is signed with a key that was revoked or replaced before"
        elif self.owner.get(public, whose) != whose:
            how = "is signed with another officer's key"
        elif known is None and bound:
            how = "is signed with a key that came into the log afterwards, or never"
        elif known not in (None, public):
            how = "is signed with another key than the officer's in this log"
        else:
            if known is None:
                self.notes.append(f"the key {fingerprint(public)} was not entered in the log before it signed")
                self.enter(public, whose, seq)
                self.adopted.add(public)
            return
        self.wrong(what, how)

    def entered(self, officer):
        public = self.current.get(plain_name(officer))
        return None if public in self.adopted else public

    def report(self, one, said, manifest):
        run = str(said.get("run_id"))
        if run in self.reports:
            self.entry_wrong(one, "tells of a run once more")
        self.reports[run] = one
        mine = manifest if manifest is not None and str(manifest.get("run_id")) == run else None
        key = key_of(mine.get("signer")) if mine else None
        if said.get("signed_by") is not None and key is not None and key[1] == said["signed_by"]:
            self.signer(f"the report of entry {one['seq']}", key[0], key[1], bool(mine.get("keys_entered")), one["seq"])

    def about_report(self, one, said):
        report = self.reports.get(str(said.get("run_id")))
        if report is None:
            self.entry_wrong(one, "is about a run of which no entry before it tells")
        elif report["said"].get("manifest_sha256") != said.get("manifest_sha256"):
            self.entry_wrong(one, "is about another report than the one in the log")
        return report

    def review(self, one, said, manifest):
        run, reviewer = str(said.get("run_id")), said.get("reviewer")
        report = self.about_report(one, said)
        if run in self.gone:
            self.entry_wrong(one, "reviews a run that was withdrawn before")
        text = said.get("counter_case")
        if (
            said.get("verdict") not in ("upheld", "not_upheld", "needs_more")
            or not isinstance(text, str)
            or not text.strip()
        ):
            self.entry_wrong(one, "has no verdict or no counter-case")
        if not isinstance(reviewer, str) or not plain_name(reviewer) or one["officer"] != reviewer:
            self.entry_wrong(one, "does not name the officer who wrote it")
            return
        if report is not None:
            if manifest is not None and str(manifest.get("run_id")) == run:
                results = {file["path"]: file["sha256"] for file in manifest.get("results", [])}
                if said.get("results") != results:
                    self.entry_wrong(one, "names other results than the manifest")
            if one_person(reviewer, report["officer"]):
                self.entry_wrong(one, "is by the officer who prepared the report")
        self.by_officer(one, said, reviewer, report)

    def by_officer(self, one, said, reviewer, report):
        """Hold the signature of a review, or of the answer before it, against who wrote it."""
        if said.get("key") is None and said.get("signature") is None:
            if self.entered(reviewer) is not None:
                self.entry_wrong(one, "is not signed, and its reviewer has a key in this log")
            return
        key = self.signed(one, said, reviewer)
        if key is not None and report is not None and report["said"].get("signed_by") == key[1]:
            self.entry_wrong(one, "is signed with the key that signed the report")

    def signed(self, one, said, officer):
        """Check the signature of a review or a decision; return its key, None where it names none."""
        key = key_of(said.get("key"))
        if key is None:
            self.entry_wrong(one, "names no key")
            return None
        if not signs(said, key[1]):
            self.entry_wrong(one, "carries a signature that does not fit")
        if plain_name(key[0]) != plain_name(officer):
            self.entry_wrong(one, "is signed with the key of somebody else")
        self.once(one, said)
        label = f"ledger.jsonl: entry {one['seq']} ({one['kind']})"
        self.signer(label, key[0], key[1], self.place(one, said), one["seq"])
        return key

    def decision(self, one, said):
        """Check what an officer decided of a group that an ordinary pattern explains: naming it takes two."""
        by, what = said.get("by"), said.get("decision")
        fault = self.decision_fault(one, said)
        if fault is not None:
            self.entry_wrong(one, fault)
        if not isinstance(by, str) or one["officer"] != by:
            self.entry_wrong(one, "is not by the officer whom it names")
        elif said.get("key") is None and said.get("signature") is None:
            if self.entered(by) is not None or (what == "name" and self.current):
                self.entry_wrong(one, "is not signed, and officers sign in this log")
        else:
            self.signed(one, said, by)

    def decision_fault(self, one, said):
        """Let a decision count where it fits; say what is wrong with it otherwise."""
        parts = {name: said.get(name) for name in ("accounts", "traces", "patterns")}
        for part in parts.values():
            if not isinstance(part, list) or not part or not all(isinstance(value, str) for value in part):
                return "does not say what it is about"
        group = sha(canonical({name: sorted(part) for name, part in parts.items()}))
        what, reason, by = said.get("decision"), said.get("reason"), said.get("by")
        if said.get("group") != group:
            return "is about another group than it says"
        if what not in ("clear", "name", "withdraw") or not isinstance(reason, str) or not reason.strip():
            return "has no decision or no reason"
        if not isinstance(by, str) or not plain_name(by):
            return "names no officer"
        seen, after, standing = self.decided.get(group, []), said.get("after"), self.named.get(group, [])
        if seen and after in [None, *seen[:-1]]:
            self.notes.append(f"entry {one['seq']} does not count: its officer had not seen the last of its group")
            return None
        if after != (seen[-1] if seen else None):
            return "follows a decision that is not in the log"
        state = (standing[0][0] if len(standing) < 2 else "named") if standing else None
        public = said["key"].get("public_key") if isinstance(said.get("key"), dict) else None
        public = public if isinstance(public, str) else None
        if what == "withdraw" and not standing:
            return "withdraws a decision, and none stands"
        if (what == "clear" and state == "clear") or (what == "name" and state in ("clear", "named")):
            return "decides what is decided already"
        if what == "name" and standing:
            first_by, first_key = standing[0][1:]
            if one_person(first_by, by) or (first_key is not None and first_key == public):
                return "is by the officer who named the group first"
            if (first_key is None) != (public is None):
                return "and the first decision are not both signed"
        self.decided[group] = [*seen, {"seq": one["seq"], "hash": one["hash"]}]
        act = (what, by, public)
        self.named[group] = [] if what == "withdraw" else [*standing, act] if what == "name" else [act]
        return None

    # -- the line-up, which comes before the verdict ----------------------------------------------------------------

    def before_verdict(self, one):
        after = self.judged.get((str(one["said"].get("run_id")), plain_name(one["officer"])))
        if after is not None:
            self.entry_wrong(one, f"comes after the verdict of entry {after}: a line-up comes first")

    def line_up(self, one, said):
        report = self.about_report(one, said)
        if report is not None and one_person(one["officer"], report["officer"]):
            self.entry_wrong(one, "shows the line-up to the officer who prepared the report")
        self.before_verdict(one)
        mark, why = said.get("commitment"), said.get("why")
        if why is None and not (isinstance(mark, str) and len(mark) == 64):
            self.entry_wrong(one, "holds no hash of the seed that it was drawn with")
        if why is not None and (why not in ("few", "quiet") or mark is not None):
            self.entry_wrong(one, "does not say as the program does why there is no line-up")
        self.lined[one["seq"]] = one
        if why is not None:
            self.ended[one["seq"]] = one

    def line_up_answer(self, one, said):
        report = self.about_report(one, said)
        self.before_verdict(one)
        place = said.get("shown")
        shown = self.lined.get(place) if isinstance(place, int) else None
        if shown is None or shown["said"].get("why") is not None or not alike(shown, one, "group"):
            self.entry_wrong(one, "answers no line-up that was shown to this officer before")
        else:
            if place in self.answers:
                self.entry_wrong(one, f"answers the line-up of entry {place} once more")
            self.answers[place] = one["seq"]
            seed = said.get("seed")
            if not isinstance(seed, str) or sha(b"line-up seed " + seed.encode("utf-8", "surrogatepass")) != shown[
                "said"
            ].get("commitment"):
                self.entry_wrong(one, "brings another seed than the one that its line-up was drawn with")
            elif said.get("finding") != panel_of(seed):
                self.entry_wrong(one, "names another panel as the finding than its seed does")
            reasons = said.get("ordinary")
            good = isinstance(reasons, dict) and set(reasons) == set("ABC")
            good = good and all(isinstance(reason, str) and reason in ORDINARY for reason in reasons.values())
            if said.get("chose") not in ("A", "B", "C", "none") or not good:
                self.entry_wrong(one, "has no choice, or no ordinary reason for a panel")
            self.ended[one["seq"]] = one
        self.by_officer(one, said, one["officer"], report)

    def line_up_first(self, one, said, manifest):
        run, whose = str(said.get("run_id")), plain_name(one["officer"])
        again = (run, whose) in self.judged
        self.judged.setdefault((run, whose), one["seq"])
        mine = manifest if manifest is not None and str(manifest.get("run_id")) == run else None
        wanted, told = lined_up_in(mine), said.get("line_up")
        if told is None:
            if wanted:
                self.entry_wrong(one, "does not say whether the line-up came first")
            return
        done = told.get("done") if isinstance(told, dict) else None
        if not isinstance(done, dict):
            self.entry_wrong(one, "does not say which line-ups came first")
            return
        for group, seq in done.items():
            ended = self.ended.get(seq) if isinstance(seq, int) else None
            if ended is None or not alike(ended, one) or str(ended["said"].get("group")) != group:
                self.entry_wrong(one, f"names a line-up of group {bip(group)} that did not end before it")
        reason = told.get("skipped")
        given = isinstance(reason, str) and reason.strip()
        if not given and not again and any(str(group) not in done for group in wanted):
            self.entry_wrong(one, "was written without the line-up, and says no reason")

    def check_signer(self, listed, manifest):
        key = key_of(listed.get("signer"))
        if key is not None:
            self.signer("pack.json", key[0], key[1], listed.get("keys_entered") is True, len(self.entries or []) + 1)
        else:
            known = self.entered(str(listed.get("made_by")))
            report = key_of(manifest.get("signer")) if manifest is not None else None
            if known is not None or (report is not None and manifest.get("keys_entered") is True):
                self.wrong("pack.json", "it is not signed, and log and report are: it was put in another's place")
        for name in sorted(name for name in self.contents if name.startswith("keys/")):
            try:
                told = key_of(parsed(self.contents[name]))
            except ValueError:
                told = None
            if told is None or (told != key and told[1] not in self.owner):
                self.wrong(name, "it is no key that the log tells of")


# -- time stamps, after RFC 3161 and RFC 5652 -----------------------------------------------------------------------


def parts_of(code):
    """Tag, value and all bytes of the parts that lie one after the other in DER."""
    found, at = [], 0
    while at < len(code):
        begin, tag, length, at = at, code[at], code[at + 1], at + 2
        if length > 127:
            n = length & 127
            length, at = int.from_bytes(code[at : at + n], "big"), at + n
            if not 1 <= n <= 4 or length < 128 or length < 1 << 8 * (n - 1):
                raise ValueError("no length of DER")
        if at + length > len(code):
            raise ValueError("cut off")
        found.append((tag, code[at : at + length], code[begin : at + length]))
        at += length
    return found


def pieces(code):
    """The values of the parts that lie one after the other in DER, each with its tag."""
    return [(tag, value) for tag, value, _ in parts_of(code)]


def inside(code, *tags):
    """What lies within parts of these tags, each the first of its kind in the one before."""
    for tag in tags:
        code = next(value for kind, value in pieces(code) if kind == tag)
    return code


def dotted(code):
    """An object identifier as it is written."""
    numbers, n = [], 0
    for byte in code:
        n = n << 7 | byte & 127
        if byte < 128:
            numbers.append(n)
            n = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
# what the keys of Ed25519, RSA and elliptic curves sign with: the hash, None: the one that the signer names
WITH_RSA = {"1.2.840.113549.1.1.1": None, "1.2.840.113549.1.1.11": "sha256", "1.2.840.113549.1.1.12": "sha384",
            "1.2.840.113549.1.1.13": "sha512"}  # fmt: skip
WITH_CURVE = {"1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512"}
HASH_CODES = {"sha256": "3031300d060960864801650304020105000420", "sha384": "3041300d060960864801650304020205000430",
              "sha512": "3051300d060960864801650304020305000440"}  # fmt: skip
# FIPS 186-4: prime, b, order, and the point that all others are made from
CURVES = {
    "1.2.840.10045.3.1.7": (
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
         0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5),
    ),
    "1.3.132.0.34": (
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        (0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
         0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F),
    ),
}  # fmt: skip


def curve_sum(a, b, prime):
    """Sum of two points of a curve whose a is -3; None: the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % prime == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], prime - 2, prime)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], prime - 2, prime)
    x = (slope * slope - a[0] - b[0]) % prime
    return x, (slope * (a[0] - x) - a[1]) % prime


def curve_times(n, point, prime):
    total = None
    while n:
        if n & 1:
            total = curve_sum(total, point, prime)
        point = curve_sum(point, point, prime)
        n >>= 1
    return total


def tags_are(parts, *wanted):
    """That parts have these tags, one after the other.

    A byte outside of what is signed would else be anything.
    """
    if [part[0] for part in parts] != list(wanted):
        raise ValueError("parts of another kind")


def hash_named(part):
    """The object identifier of a hash, as algorithms are named: with nothing more said, or with that nothing is."""
    more = pieces(part[1])
    tags_are([part], 0x30)
    if not more or more[0][0] != 6 or not more[0][1] or more[0][1][-1] > 127 or more[1:] not in ([], [(5, b"")]):
        raise ValueError("no name of a hash")
    return dotted(more[0][1])


def whole_number(code):
    return int.from_bytes(code, "big", signed=True)


def key_signed(info, way, digest, content, signature):
    """Whether the key of a certificate signed some bytes; None: a way of signing that this file does not know."""
    (_, algorithm, _), (_, bits, _) = parts_of(info)
    kinds = [dotted(value) for tag, value, _ in parts_of(algorithm) if tag == 6]
    key = bits[1:]
    if kinds[0] == "1.2.840.113549.1.1.1" and way != "1.2.840.113549.1.1.10":  # another way of RSA, unknown here
        if way not in WITH_RSA:
            return False
        name = WITH_RSA[way] or digest
        n, e = (whole_number(value) for _, value in pieces(inside(key, 0x30)))
        size = (n.bit_length() + 7) // 8
        if len(signature) != size or not 0 < n < 1 << 16384 or not 0 < e < 1 << 64:
            return False
        code = bytes.fromhex(HASH_CODES[name]) + hashlib.new(name, content).digest()
        wanted = b"\0\x01" + b"\xff" * (size - len(code) - 3) + b"\0" + code
        return pow(int.from_bytes(signature, "big"), e, n).to_bytes(size, "big") == wanted
    if kinds[0] == "1.2.840.10045.2.1" and kinds[1] in CURVES:
        if way not in WITH_CURVE:
            return False
        prime, b, order, base = CURVES[kinds[1]]
        size = (prime.bit_length() + 7) // 8
        point = int.from_bytes(key[1 : 1 + size], "big"), int.from_bytes(key[1 + size :], "big")
        if key[0] != 4 or len(key) != 2 * size + 1 or (pow(point[1], 2) - pow(point[0], 3) + 3 * point[0] - b) % prime:
            return False
        ((tag, both),) = pieces(signature)
        numbers = pieces(both)
        tags_are(numbers, 2, 2)
        r, s = (whole_number(value) for _, value in numbers)
        if [value for _, value in numbers] != [n.to_bytes(n.bit_length() // 8 + 1, "big") for n in (r, s) if n > 0]:
            return False
        if tag != 0x30 or not (0 < r < order and 0 < s < order):
            return False
        hashed = hashlib.new(WITH_CURVE[way], content).digest()
        z = int.from_bytes(hashed, "big") >> max(0, 8 * len(hashed) - order.bit_length())
        w = pow(s, order - 2, order)
        found = curve_sum(curve_times(z * w % order, base, prime), curve_times(r * w % order, point, prime), prime)
        return found is not None and found[0] % order == r
    if kinds[0] == "1.3.101.112":
        return signed_by(key.hex(), signature.hex(), content)
    return None


def moment(tag, text):
    """A time of a certificate or a time stamp."""
    text = text.decode("ascii")
    if tag == 0x17:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?Z", text)
    parts = [int(part) for part in found.groups()[:6]]
    micro = int((found.group(7) or "").ljust(6, "0"))
    return datetime.datetime(*parts, micro, tzinfo=datetime.timezone.utc)


def signer_fault(token, at):
    """What is wrong with the signature of a time stamp (None: nothing), and what could not be looked at (None: all)."""
    (_, message, _), *more = parts_of(token)
    kind, signed = pieces(message)
    tags_are((kind, signed), 6, 0xA0)
    if more or dotted(kind[1]) != "1.2.840.113549.1.7.2":
        return "it is no signed message", None
    fields = parts_of(inside(signed[1], 0x30))
    content = parts_of(fields[2][1])
    tags_are([part for part in fields if part[0] not in (0xA0, 0xA1)], 2, 0x31, 0x30, 0x31)
    tags_are(content, 6, 0xA0)
    for part in parts_of(fields[1][1]):
        hash_named(part)
    if dotted(content[0][1]) != "1.2.840.113549.1.9.16.1.4":
        return "what is signed is no time stamp", None
    stamped = inside(content[1][1], 4)
    certificates = [whole for tag, _, whole in parts_of(next(v for t, v, _ in fields if t == 0xA0)) if tag == 0x30]
    ((of_signer, signer, _),) = parts_of(fields[-1][1])
    version, named, digest, attributes, way, signature = parts_of(signer)[:6]
    tags_are(parts_of(named[1]), 0x30, 2)
    if (of_signer, version[0], named[0], attributes[0], way[0], signature[0]) != (0x30, 2, 0x30, 0xA0, 0x30, 4):
        return "its signature is of another form", None
    (_, _, issuer), (_, number, _) = parts_of(named[1])
    mine = []
    for whole in certificates:
        certificate = parts_of(inside(inside(whole, 0x30), 0x30))
        certificate = certificate[1:] if certificate[0][0] == 0xA0 else certificate
        if certificate[0][1] == number and certificate[2][2] == issuer:
            mine.append((whole, certificate))
    if len(mine) != 1:
        return "the certificate of its signer is not in it", None
    whole, certificate = mine[0]
    begins, ends = (moment(tag, value) for tag, value in pieces(certificate[3][1]))
    usage = [parts_of(one) for _, one in pieces(inside(next(v for t, v, _ in certificate if t == 0xA3), 0x30))]
    usage = [one for one in usage if dotted(one[0][1]) == "2.5.29.37"]
    if len(usage) != 1 or usage[0][1][:2] != (1, b"\xff"):
        return "the certificate of its signer is not for time stamps alone", None
    if [dotted(value) for _, value in pieces(inside(usage[0][2][1], 0x30))] != ["1.3.6.1.5.5.7.3.8"]:
        return "the certificate of its signer is not for time stamps alone", None
    if not begins <= at <= ends:
        return "the certificate of its signer was not valid at the time that it tells", None
    said = {}
    for _, one in pieces(attributes[1]):
        (_, kind), (_, values) = pieces(one)
        ((_, value),) = pieces(values)
        if kind in said:
            return "it says something twice of what was signed", None
        said[kind] = value
    said = {dotted(kind): value for kind, value in said.items()}
    hashed = HASHES[hash_named(digest)]
    if dotted(said["1.2.840.113549.1.9.3"]) != "1.2.840.113549.1.9.16.1.4":
        return "what is signed is no time stamp", None
    if said["1.2.840.113549.1.9.4"] != hashlib.new(hashed, stamped).digest():
        return "what it says is not what was signed", None
    told = 0
    for kind, how in (("1.2.840.113549.1.9.16.2.12", "sha1"), ("1.2.840.113549.1.9.16.2.47", "sha256")):
        if kind in said:
            first, told = pieces(inside(inside(said[kind], 0x30), 0x30)), told + 1
            other = HASHES[dotted(inside(first.pop(0)[1], 6))] if first[0][0] == 0x30 else how
            if first[0][1] != hashlib.new(other, whole).digest():
                return "another certificate is in it than was signed", None
    if not told:
        return "it does not say with which certificate it was signed", None
    way = dotted(inside(way[1], 6))
    fits = key_signed(certificate[5][1], way, hashed, b"1" + attributes[2][1:], signature[1])
    if fits is None:
        return None, f"the signature of the time stamp: this file does not know its way of signing ({way})"
    return (None if fits else "its signature does not fit"), None


def stamp_in(answer):
    """What an answer of RFC 3161 says; None: it is no answer that grants a time stamp, or something lies behind it."""
    try:
        (outer,) = pieces(answer)
        status, token = parts_of(outer[1])
        tags_are((status, token), 0x30, 0x30)
        if outer[0] != 0x30 or inside(status[1], 2) != b"\0":
            return None
        signed = pieces(inside(token[1], 0xA0, 0x30))
        content = next(value for tag, value in signed if tag == 0x30)  # after version and algorithms
        info = pieces(inside(content, 0xA0, 4, 0x30))
        imprint = next(value for tag, value in info if tag == 0x30)
        place = next(n for n, (tag, _) in enumerate(info) if tag == 0x18)
        algorithm, digest = pieces(imprint)
        if inside(algorithm[1], 6) != bytes.fromhex("608648016503040201") or digest[0] != 4 or len(digest[1]) != 32:
            return None
        at = moment(*info[place])
        numbers = [whole_number(value) for tag, value in info[place:] if tag == 2]
        try:
            fault, unseen = signer_fault(token[2], at)
        except (ValueError, IndexError, StopIteration, KeyError, TypeError):
            fault, unseen = "its signature cannot be read", None
        return {"digest": digest[1].hex(), "at": at.isoformat(), "nonce": f"{numbers[0]:x}" if numbers else None,
                "policy": dotted(next(value for tag, value in info if tag == 6)), "fault": fault,
                "unseen": unseen}  # fmt: skip
    except (ValueError, IndexError, StopIteration, AttributeError, RuntimeError):
        return None


ORDINARY = (
    "newsroom", "official", "office", "volunteer", "business", "fan_club", "public_figure", "other", "occasion",
    "no_reason",
)  # fmt: skip


def panel_of(seed):
    """The panel that a seed gives the finding (0): one of six orders of it and two others."""
    number = (
        int.from_bytes(hashlib.sha256(b"line-up order " + seed.encode("utf-8", "surrogatepass")).digest(), "big") % 6
    )
    return "ABC"[("021", "012", "120", "102", "210", "201")[number].index("0")]


def alike(first, second, *more):
    """Whether two entries are of one report and one officer."""
    same = all(first["said"].get(name) == second["said"].get(name) for name in ("run_id", "manifest_sha256", *more))
    return same and plain_name(first["officer"]) == plain_name(second["officer"])


def lined_up_in(manifest):
    """The places of the groups of a report that are lined up before its review."""
    if manifest is None or manifest.get("line_up") is not True:
        return ()
    facts = manifest.get("facts")
    outcome = facts.get("outcome") if isinstance(facts, dict) else None
    groups = outcome.get("groups") if isinstance(outcome, dict) else None
    return tuple(range(1, min(groups, 3) + 1)) if whole(groups) else ()


def piece(raw, at, length):
    """So many bytes from a place on."""
    content = b""
    if 0 <= at < 2**62:
        raw.seek(at)
        content = raw.read(length) if length <= MOST_LIST else b""
    if len(content) != length:
        raise ValueError("it ends too early")
    return content


def wide_sizes(extra, told):
    """Sizes and place, where they stand in an addition since they are too long; no addition may name another file."""
    import struct

    told, at, kinds = list(told), 0, []
    while at < len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        content = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if len(content) < length or kind in kinds or kind in (0x7075, 0x000D, 0x756E):
            raise ValueError("what is added to a name is damaged, told twice, or another name")
        kinds.append(kind)
        if kind == 1:
            for n, value in enumerate(told):
                if value == 2**32 - 1 and content:
                    told[n] = struct.unpack_from("<Q", content)[0]
                    content = content[8:]
    return told


def list_at_the_end(raw, size):
    """What the list at the end of an archive tells of its files, by the place of each; and where the list begins."""
    import struct

    end = size - 22
    mark, disk, other, here, count, length, begin, comment = struct.unpack("<4s4H2LH", piece(raw, end, 22))
    if mark != b"PK\x05\x06" or comment:
        raise ValueError("a comment or other bytes lie behind its end")
    if count == 0xFFFF or 2**32 - 1 in (length, begin):
        end -= 76
        wide = struct.unpack("<4sQ2H2L4Q4sLQL", piece(raw, end, 76))
        if (wide[0], wide[1], wide[10], wide[12], wide[13]) != (b"PK\x06\x06", 44, b"PK\x06\x07", end, 1):
            raise ValueError("its end is told twice")
        disk, other, here, count, length, begin = wide[4:10]
    if disk or other or here != count or begin + length != end:
        raise ValueError("its list does not lie where its end says")
    content, at, found, number = piece(raw, begin, length), 0, {}, 0
    while at < length:
        parts = struct.unpack_from("<4s6H3L5H2L", content, at)
        at += 46
        name, extra = content[at : at + parts[10]], content[at + parts[10] : at + parts[10] + parts[11]]
        at += sum(parts[10:13])
        if parts[0] != b"PK\x01\x02" or parts[13] or at > length:
            raise ValueError("its list is damaged")
        wide_size, packed, place = wide_sizes(extra, [parts[9], parts[8], parts[16]])
        if place in found:
            raise ValueError("its list tells twice of one place")
        found[place] = {"name": name, "flags": parts[3], "method": parts[4], "when": (parts[5], parts[6]),
                        "crc": parts[7], "packed": packed, "size": wide_size, "mode": parts[15] >> 16}  # fmt: skip
        number += 1
    if number != count:
        raise ValueError("its end tells of another number of files")
    return found, begin


def name_fault(name, mode):
    """Why a name leads elsewhere on one system or another; None: it does not."""
    kind = stat.S_IFMT(mode)
    if kind and not stat.S_ISREG(mode) and not (stat.S_ISDIR(mode) and name.endswith("/")):
        return "is that of a link or a device"
    if name[:1] in ("/", "\\"):
        return "begins at the root of a disk"
    if ":" in name:
        return "holds a drive, or a stream beside a file"
    if "\\" in name:
        return "holds a backslash"
    if any(ord(c) < 32 or ord(c) == 127 or c in UNSEEN for c in name):
        return "holds characters that are not shown"
    if any(part in ("", ".", "..") for part in (name[:-1] if name.endswith("/") else name).split("/")):
        return "leads out of the folder, or through it"
    return None


UNSEEN = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def parsed_loosely(content):
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def leads(statements, old, new):
    """Whether signed statements lead from one key to another."""
    now = old
    for one in statements if isinstance(statements, list) else []:
        before, after = (key_of(one.get(name)) if isinstance(one, dict) else None for name in ("replaced", "by"))
        if before is None or after is None or before[1] != now or not signs(one, now):
            return False
        now = after[1]
    return now == new != old


def moved_by(first, second, gap):
    """By how many seconds the clock moved against the time since the start of the machine; None: unknown."""
    if not all(isinstance(clock, dict) and isinstance(clock.get("boot"), str) for clock in (first, second)):
        return None
    ups = [clock.get("uptime_s") for clock in (first, second)]
    if first["boot"] != second["boot"] or any(isinstance(up, bool) or not isinstance(up, (int, float)) for up in ups):
        return None
    return gap - (float(str(ups[1])) - float(str(ups[0])))


def manifest_of(content):
    """The manifest of a run; None where it lacks what is needed, or names a place outside."""
    try:
        found = parsed(content)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("manifest_version") != 1:
        return None
    ledger = found.get("ledger")
    if not isinstance(ledger, dict) or not isinstance(ledger.get("length"), int) or ledger["length"] < 0:
        return None
    lists = [found.get(name) for name in ("files", "inputs", "tables")] + [
        found.get("results", []),
        [found.get("case_toml")],
    ]
    for items in lists:
        if not isinstance(items, list):
            return None
        for item in items:
            path, digest = (item.get("path"), item.get("sha256")) if isinstance(item, dict) else (None, None)
            inside = isinstance(path, str) and path and "\0" not in path and path.strip("/") == path
            if not inside or ".." in path.split("/") or not is_hash(digest):
                return None
    return found


VOWELS, CONSONANTS = "aiou", "bdfghjklmnprstvz"


def words_of(head, count=6):
    """The first 96 bits of a hash as words that can be read over the telephone (proquints)."""
    said = []
    for part in range(count):
        n = int(head[4 * part : 4 * part + 4], 16)
        said.append(
            CONSONANTS[n >> 12]
            + VOWELS[n >> 10 & 3]
            + CONSONANTS[n >> 6 & 15]
            + VOWELS[n >> 4 & 3]
            + CONSONANTS[n & 15]
        )
    return " ".join(said)


def main(arguments):
    if len(arguments) != 1:
        print("Usage: python3 check_pack.py FILE.zip", file=sys.stderr)
        return 2
    try:
        check = Check(arguments[0]).run()
    except NoPack as error:
        print(f"{bip(os.path.basename(arguments[0]))} is no evidence pack: {error}.", file=sys.stderr)
        return 2
    for sentence in check.differs:
        print(f"Differs: {sentence}.")
    for sentence in dict.fromkeys(check.unseen):
        print(f"Not checked: {sentence}.")
    for sentence in dict.fromkeys(check.notes):
        print(f"Note: {sentence}.")
    if check.heads:
        print(f"The log has {len(check.heads):,} entries; its head {check.heads[-1]}")
        print(f"  as words: {words_of(check.heads[-1])}")
    sizes = f"{len(check.hashes):,} files and {len(check.heads):,} entries"
    said = "something differs" if check.differs else "nothing differs"
    unseen = "; ".join(dict.fromkeys(sentence.split(":")[0] for sentence in check.unseen))
    print(f"{bip(os.path.abspath(arguments[0]))}, {sizes}: {said}. Not shown: {unseen}.")
    return 1 if check.differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
