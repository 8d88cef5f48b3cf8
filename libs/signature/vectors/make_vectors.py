#!/usr/bin/env python3
"""Writes signatures.json beside this file: what Python's own hmac says of bodies that are easily spoilt on their way.

A body is its text in UTF-8, or a text repeated so many times. Run again after a change: python3 make_vectors.py
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path

ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
KEY = "k3y-so-nossa"

BODIES = [
    ("the documented one", {"text": '{"content":"oi"}'}),
    ("non-ASCII", {"text": '{"content":"Olá, ação às 10h — pão"}'}),
    ("non-ASCII escaped, as PHP writes it", {"text": '{"content":"Ol\\u00e1, a\\u00e7\\u00e3o"}'}),
    ("slashes escaped, as PHP writes them", {"text": '{"url":"https:\\/\\/midia.exemplo.com.br\\/foto.png"}'}),
    ("slashes as they are", {"text": '{"url":"https://midia.exemplo.com.br/foto.png"}'}),
    ("emoji", {"text": '{"content":"pronto 🚀👩‍💻"}'}),
    ("emoji escaped as surrogates", {"text": '{"content":"pronto \\ud83d\\ude80"}'}),
    ("CRLF and a newline at the end", {"text": '{\r\n  "content": "oi"\r\n}\r\n'}),
    ("a byte order mark", {"text": '\ufeff{"content":"oi"}'}),
    ("one byte", {"text": "0"}),
    ("1 MiB", {"repeat": "0123456789abcdef", "times": 65536}),
]


def body_bytes(body):
    return body["text"].encode() if "text" in body else body["repeat"].encode() * body["times"]


def vector(name, body, algorithm, encoding, secret=KEY, timestamp=None):
    content = body_bytes(body) if timestamp is None else f"{timestamp}.".encode() + body_bytes(body)
    digest = hmac.new(secret.encode(), content, ALGORITHMS[algorithm]).digest()
    write = {
        "hex": lambda: digest.hex(),
        "base64": lambda: base64.b64encode(digest).decode(),
        "base64url": lambda: base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }
    return {
        "name": f"{name}, {algorithm}, {encoding}" + ("" if timestamp is None else ", timestamp"),
        "secret": secret,
        "body": body,
        "algorithm": algorithm,
        "encoding": encoding,
        **({} if timestamp is None else {"timestamp": timestamp}),
        "signature": write[encoding](),
    }


vectors = [
    vector(name, body, algorithm, encoding)
    for name, body in BODIES
    for algorithm in ALGORITHMS
    for encoding in ("hex", "base64", "base64url")
]
vectors += [
    vector(name, body, algorithm, encoding, timestamp=1795435200)
    for name, body in BODIES
    for algorithm, encoding in (("sha256", "hex"), ("sha1", "base64"), ("sha512", "hex"))
]
vectors += [
    vector("non-ASCII secret", BODIES[0][1], "sha256", "hex", secret="sênha-não-ascii-🔑"),
    vector("secret longer than a block", BODIES[0][1], "sha256", "hex", secret="0123456789" * 20),
    vector("secret with spaces", BODIES[0][1], "sha256", "base64", secret=" two words "),
]

target = Path(__file__).with_name("signatures.json")
target.write_text(json.dumps(vectors, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
print(f"{len(vectors)} vectors in {target.name}")
