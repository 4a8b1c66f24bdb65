#!/usr/bin/env python3
"""Builds the labelled set dev/ (files, labels.jsonl, cases.jsonl) from src/dev_*.txt.  Seeded: same input, same bytes.

Source format
  === case-id | file name | comma tags [| enc=utf16le|utf16be|latin1|utf8bom, eol=crlf]
  text lines, with «kind» or «kind:name» for an invented value (same name in one case = same value)
  and, at the end of a line, ⟪codes⟫ = labels of that line.
Label code:  CLASS[?][@n][="text"][[-a+b]][/evidence]      (comma separated, ';' also ok)
  ?      optional (neither miss nor false alarm)
  @n     the n-th «» of the line is the secret (default 1, qd and in=spec have "")
  ="x"   the secret is the literal text x
  [-a+b] a finding on any line from line-a to line+b counts for it (constructs that span lines)
"""
import base64, hashlib, hmac, json, os, random, re, shutil, string, sys, zlib, datetime as dt
from urllib.parse import quote
HERE = os.path.dirname(os.path.abspath(__file__))
DEST = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "build")
CLASSES = {"ql":"query-literal","qd":"query-dynamic","hl":"header-literal","ui":"url-userinfo","pu":"password-in-url",
           "tp":"temporary-in-prod","ex":"expired","ph":"plain-http","ll":"log-leak","sl":"secret-literal"}
WORDS = "harbor lantern willow copper meadow falcon granite pepper saddle thunder velvet walnut canyon orchid breeze cobalt ember fennel glacier hazel indigo juniper kestrel marble nectar onyx prairie quartz raven saffron timber umber violet wicker yarrow zephyr".split()
AL = string.ascii_letters + string.digits
def b64u(b): return base64.urlsafe_b64encode(b).rstrip(b"=").decode()
class Gen:
    def __init__(s, seed): s.r = random.Random(seed)
    def pick(s, alpha, n): return "".join(s.r.choice(alpha) for _ in range(n))
    def mixed(s, alpha, n):
        while True:
            v = s.pick(alpha, n)
            if n < 8 or (any(c.isdigit() for c in v) and any(c.isalpha() for c in v)): return v
    def jwt(s, iat=None, exp=None, alg="HS256", **kw):
        f = lambda t: int(dt.datetime.fromisoformat(t).replace(tzinfo=dt.timezone.utc).timestamp())
        p = {"iss": "https://login.%s.example.com" % s.r.choice(WORDS), "sub": "svc-%s-%d" % (s.r.choice(WORDS), s.r.randrange(10**4))}
        p.update(kw)
        if iat: p["iat"] = f(iat) + s.r.randrange(3600)
        if exp is not None:
            p["exp"] = p["iat"] + exp if isinstance(exp, int) else f(exp)
        h = {"alg": alg, "typ": "JWT"}
        if alg != "HS256": h["kid"] = s.pick("0123456789abcdef", 8)
        m = b64u(json.dumps(h, separators=(",", ":")).encode()) + "." + b64u(json.dumps(p, separators=(",", ":")).encode())
        if alg == "HS256": sig = hmac.new(s.r.randbytes(32), m.encode(), hashlib.sha256).digest()
        else: sig = s.r.randbytes(64)
        return m + "." + b64u(sig)
    def make(s, kind):
        r = s.r
        m = re.fullmatch(r"(hex|HEX|a|l|u|A|d)(\d+)", kind)
        if m:
            n = int(m[2]); a = {"hex": "0123456789abcdef", "HEX": "0123456789ABCDEF", "a": AL, "l": string.ascii_lowercase + string.digits,
                 "u": AL + "-_", "A": string.ascii_uppercase + string.digits, "d": string.digits}[m[1]]
            return s.pick(a, n) if m[1] == "d" else s.mixed(a, n)
        m = re.fullmatch(r"b(\d+)", kind)
        if m: return base64.b64encode(r.randbytes(int(m[1]))).decode()
        if kind == "uuid":
            v = bytearray(r.randbytes(16)); v[6] = v[6] & 15 | 64; v[8] = v[8] & 63 | 128; h = v.hex()
            return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
        if kind == "akiadoc": return "AKIA" + "IOSFODNN7" + "EXAMPLE"        # the vendor's documentation sample
        if kind == "jwtdoc":                                                # the sample of the public JWT debugger
            f = lambda d: b64u(json.dumps(d, separators=(",", ":")).encode())
            return f({"alg": "HS256", "typ": "JWT"}) + "." + f({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}) + "." + "SflKxwRJSMeKKF2QT4fw" + "pMeJf36POk6yJV_adQssw5c"
        if kind == "jwt": return s.jwt("2026-10-01", "2035-01-01")
        if kind == "jwtn": return s.jwt("2025-02-01", name=r.choice(WORDS))
        if kind == "jwtx": return s.jwt("2023-%02d-11" % r.randrange(1, 13), 86400 * r.choice((30, 90, 365)))
        if kind == "jwtx1h": return s.jwt("2026-%02d-0%d" % (r.randrange(1, 11), r.randrange(1, 9)), 3600)
        if kind == "jwtx8h": return s.jwt("2026-0%d-1%d" % (r.randrange(1, 9), r.randrange(1, 9)), 28800, alg="ES256")
        if kind == "jwtrs": return s.jwt("2026-09-01", "2034-06-01", alg="ES256", scope="read write")
        if kind == "sig":
            while True:
                v = quote(base64.b64encode(r.randbytes(32)).decode(), safe="")
                if "%2B" in v or "%2F" in v: return v
        if kind == "sigraw": return base64.b64encode(r.randbytes(32)).decode()
        if kind == "aiza": return "AI" + "za" + "Sy" + s.pick(AL + "-_", 33)
        if kind in ("asia", "akia"): return kind[:1].upper() + kind[1:].upper() + s.pick(string.ascii_uppercase + "234567", 16)
        if kind == "awssk": return s.mixed(AL + "+/", 40)
        if kind in ("sts", "stsu"):
            v = "IQoJb3JpZ2luX2Vj" + base64.b64encode(r.randbytes(150)).decode()
            return quote(v, safe="") if kind == "stsu" else v
        if kind in ("ghp", "ghs", "gho", "ghu"):
            body = s.mixed(AL, 30); c = zlib.crc32(body.encode()); B = string.digits + string.ascii_uppercase + string.ascii_lowercase; o = ""
            while c: c, q = divmod(c, 62); o = B[q] + o
            return kind + "_" + body + o.rjust(6, "0")
        if kind == "glpat": return "glpat-" + s.mixed(AL + "-_", 20)
        if kind == "xoxb": return "xo" + "xb-" + s.pick(string.digits, 12) + "-" + s.pick(string.digits, 13) + "-" + s.mixed(AL, 24)
        if kind == "sklive": return "sk_" + "live_" + s.mixed(AL, 24)
        if kind == "ya29": return "ya" + "29." + s.mixed(AL + "-_", 118)
        if kind == "hf": return "h" + "f_" + s.mixed(string.ascii_letters, 34) if False else "h" + "f_" + s.pick(string.ascii_letters, 34)
        if kind == "mbpk" or kind == "mbsk":
            p = b64u(json.dumps({"u": r.choice(WORDS) + "-maps", "a": "cl" + s.pick(string.ascii_lowercase + string.digits, 22)}, separators=(",", ":")).encode())
            return kind[2:] + "." + p + "." + s.mixed(AL + "-_", 22)
        if kind == "sg": return "S" + "G." + s.mixed(AL + "-_", 22) + "." + s.mixed(AL + "-_", 43)
        if kind == "tg": return s.pick(string.digits[1:], 10) + ":AA" + s.mixed(AL + "-_", 33)
        if kind == "aaad": return s.mixed(AL + "_-", 84) + ".."      # arcgis-like temporary token, ends in dots
        if kind == "pw": return r.choice(WORDS).title() + r.choice("!#*$") + r.choice(WORDS).title() + str(r.randrange(10, 99))
        if kind == "pwu": return r.choice(WORDS).title() + r.choice(WORDS).title() + str(r.randrange(1000, 9999))
        if kind == "pwe": return r.choice(WORDS).title() + r.choice(("%40", "%23", "%21")) + r.choice(WORDS) + str(r.randrange(100, 999))
        if kind == "fmwform":      # base64 JSON as in <USER_PARAMETERS FORM="...">; the secret is inside
            s.inner = s.pick("0123456789abcdef", 40)
            return base64.b64encode(json.dumps({"parameters": [{"name": "FLOW_URL", "type": "text", "prompt": "Address", "required": True,
                "defaultValue": "https://fme.%s.example.com/fmerest/v3/info?fmetoken=%s" % (r.choice(WORDS), s.inner)}]}).encode()).decode()
        if kind == "basic": return base64.b64encode(("%s:%s%d" % (r.choice(WORDS), r.choice(WORDS).title(), r.randrange(10**4, 10**5))).encode()).decode()
        # ---- kinds added in this copy
        if kind == "pl32": return "PL" + s.mixed("0123456789abcdef", 30)
        if kind == "hvs": return "hv" + "s." + s.mixed(AL + "-_", 24)
        if kind == "shpat": return "shp" + "at_" + s.mixed("0123456789abcdef", 32)
        if kind == "deepl": return s.make("uuid") + ":fx"
        if kind == "fnkey": return s.mixed(AL + "-_", 54) + "=="
        if kind == "okta": return "00" + s.mixed(AL + "-_", 40)
        if kind == "cfsig": return s.mixed(AL + "-~", 340) + "__"
        if kind == "s3v2": return s.mixed(AL, 27) + "%3D"
        if kind == "vapid": return "B" + s.mixed(AL + "-_", 86)
        if kind == "eth": return "0x" + s.mixed("0123456789abcdef", 40)
        if kind == "ghslong": return "gh" + "s_" + s.pick(string.digits[1:], 7) + "_" + s.jwt("2026-09-01", 3600, alg="RS256")
        if kind == "glsa": return "gl" + "sa_" + s.mixed(AL, 32) + "_" + s.mixed("0123456789abcdef", 8)
        if kind == "npm": return "np" + "m_" + s.mixed(AL, 36)
        if kind == "aapk": return "AA" + "PK" + s.mixed("0123456789abcdef", 32) + s.mixed(AL + "-_", 64)
        if kind == "b64feed":      # base64 as in a Kubernetes Secret's data: an address with its key inside
            s.inner = s.mixed(AL, 32)
            return base64.b64encode(("https://feed.%s.example/v1/rows?format=csv&apikey=%s" % (r.choice(WORDS), s.inner)).encode()).decode()
        raise SystemExit("unknown kind " + kind)
PH = re.compile(r"«([A-Za-z0-9]+)(?::([A-Za-z0-9_]+))?»")
LB = re.compile(r"[ \t]*⟪([^⟫]*)⟫[ \t]*$")
LC = re.compile(r'(ql|qd|hl|ui|pu|tp|ex|ph|ll|sl)(\?)?(?:@(\d+))?(?:="([^"]*)")?(?:\[-(\d+)\+(\d+)\])?(?:/([a-z0-9-]+))?$')
def parse(path):
    cases, cur = [], None
    for raw in open(path, encoding="utf-8").read().split("\n"):
        if raw.startswith("=== "):
            f = [x.strip() for x in raw[4:].split("|")]
            cur = {"id": f[0], "file": f[1], "tags": f[2].split(",") if len(f) > 2 and f[2] else [], "opt": f[3] if len(f) > 3 else "", "lines": [], "src": path}
            cases.append(cur)
        elif cur is not None: cur["lines"].append(raw)
    return cases
def build(name, seed):
    out = os.path.join(DEST, name); shutil.rmtree(out, ignore_errors=True); os.makedirs(out)
    labels, meta, secrets, seen = [], [], set(), set()
    srcs = sorted(f for f in os.listdir(os.path.join(HERE, "src")) if f.startswith(name + "_"))
    for sf in srcs:
        for c in parse(os.path.join(HERE, "src", sf)):
            assert c["id"] not in seen, c["id"]; seen.add(c["id"])
            g = Gen("%s/%s/%s" % (seed, name, c["id"])); named = {}; res = []; npos = 0
            while c["lines"] and not c["lines"][-1].strip(): c["lines"].pop()
            rel = c["id"] + "/" + c["file"]
            for i, line in enumerate(c["lines"], 1):
                m = LB.search(line); codes = ""
                if m: codes, line = m[1], line[:m.start()]
                vals = []
                def sub(mm):
                    k, nm = mm[1], mm[2]
                    if nm:
                        if nm not in named: named[nm] = g.make(k)
                        v = named[nm]
                    else: v = g.make(k)
                    vals.append(g.inner if k in ("fmwform", "b64feed") else v); return v
                line = PH.sub(sub, line); res.append(line)
                for code in [x.strip() for x in re.split("[,;]", codes) if x.strip()]:
                    mm = LC.match(code)
                    if not mm: raise SystemExit("bad label %r in %s" % (code, c["id"]))
                    cls, opt, n, lit, a, b, ev = mm.groups()
                    sec = "" if cls == "qd" else lit if lit is not None else (vals[int(n or 1) - 1] if vals else "")
                    if sec: assert sec in line or sec == getattr(g, "inner", None), (c["id"], i, sec); secrets.add(sec)
                    if cls not in ("qd", "ph") and not sec and lit != "": raise SystemExit("no secret for %s in %s line %d" % (code, c["id"], i))
                    row = {"case": c["id"], "path": rel, "line": i, "class": CLASSES[cls],
                           "secret_sha256_8": hashlib.sha256(sec.encode()).hexdigest()[:8] if sec else "",
                           "must": "optional" if opt or cls == "sl" else True}
                    if a is not None: row["lines"] = [i - int(a), i + int(b)]
                    if ev: row["evidence"] = ev
                    labels.append(row); npos += 1
                if codes and re.search(r"(?i)\b(ftp|redis|amqp|mongodb|rtsp|smtp|ldap|postgres\w*|mysql[+\w]*)://", line):
                    labels.append({"case": c["id"], "path": rel, "line": i, "class": "plain-http", "secret_sha256_8": "", "must": "optional"})
            text = "\n".join(res) + "\n"
            if "eol=crlf" in c["opt"]: text = text.replace("\n", "\r\n")
            enc = "utf-16-le" if "utf16le" in c["opt"] else "utf-16-be" if "utf16be" in c["opt"] else "latin-1" if "latin1" in c["opt"] else "utf-8"
            data = text.encode(enc)
            if "utf16le" in c["opt"]: data = b"\xff\xfe" + data
            if "utf16be" in c["opt"]: data = b"\xfe\xff" + data
            if "utf8bom" in c["opt"]: data = b"\xef\xbb\xbf" + data
            p = os.path.join(out, rel); os.makedirs(os.path.dirname(p), exist_ok=True); open(p, "wb").write(data)
            rows = [l for l in labels if l["case"] == c["id"]]
            must = sum(1 for l in rows if l["must"] is True)
            meta.append({"case": c["id"], "path": rel, "tags": c["tags"], "lines": len(res), "must": must, "optional": len(rows) - must,
                         "negative": must == 0})
    with open(os.path.join(out, "labels.jsonl"), "w") as f:
        for l in labels: f.write(json.dumps(l) + "\n")
    with open(os.path.join(out, "cases.jsonl"), "w") as f:
        for m in meta: f.write(json.dumps(m) + "\n")
    nm = sum(1 for l in labels if l["must"] is True)
    print("%s: %d cases, %d must labels, %d optional, %d negative files" % (name, len(meta), nm, len(labels) - nm, sum(m["negative"] for m in meta)))
    cnt = {}
    for l in labels: cnt.setdefault(l["class"], [0, 0])[0 if l["must"] is True else 1] += 1
    for k in sorted(cnt): print("   %-18s must %3d optional %3d" % (k, *cnt[k]))
    return secrets, {(m["case"]) for m in meta}
if __name__ == "__main__":
    build("dev", 771)
