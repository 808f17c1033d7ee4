"""A small identity provider on this machine (OpenID Connect), at which one person is always logged in."""

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlparse

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "dashboard", "a secret between the dashboard and the provider"
NAME, EMAIL = "Ada Example", "ada@example.org"


@contextmanager
def identity_provider() -> Iterator[str]:
    """Its address, at which it runs for as long as the block."""
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    pending: dict[str, dict[str, str]] = {}

    class Provider(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlparse(self.path)
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/.well-known/openid-configuration":
                self.answer(metadata)
            elif address.path == "/jwks":
                self.answer({"keys": [key.as_dict(private=False)]})
            elif address.path == "/authorize" and asked["client_id"] == CLIENT:
                code = secrets.token_urlsafe(16)
                pending[code] = asked
                self.go(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
            elif address.path == "/logout":
                self.go(asked["post_logout_redirect_uri"])
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked = pending.pop(told["code"][0])
            proof = sha256(told["code_verifier"][0].encode()).digest()
            if urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
                self.send_error(400)
                return
            now = int(time.time())
            claims = {"iss": issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600, "nonce": asked["nonce"]}
            claims |= {"name": NAME, "email": EMAIL, "email_verified": True}
            token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
            self.answer({"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token})

        def answer(self, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def go(self, where: str) -> None:
            self.send_response(302)
            self.send_header("Location", where)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    issuer = f"http://localhost:{server.server_port}"
    metadata = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/logout",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_secrets(path: Path, provider: str, dashboard: str) -> None:
    """The secrets of a dashboard at an address, which asks for a login at a provider."""
    path.write_text(
        f'[auth]\nredirect_uri = "{dashboard}/oauth2callback"\ncookie_secret = "{secrets.token_hex(32)}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
