"""An identity provider of others and a browser without scripts, against a running node.

The provider is Authlib's (OpenID Connect, PKCE demanded, RFC 9207), behind Flask; what is here beside it only keeps its codes. The browser is `requests`: it
follows pages as a person does. `--open BASE WELCOME` opens the link of a new account. `--log-in BASE PORT` logs in at the node at BASE, which has
`http://localhost:PORT` as its issuer and an account that is linked with `subject-of-ann`; the client's secret is in OIDC_SECRET. Prints one line of JSON.
"""

import html
import json
import os
import re
import sys
import threading
import time
import urllib.parse

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207.parameter import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

PASSWORD = "rice boat lantern seven"
CODES = {}
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})


class Client(ClientMixin):
    """The node, as it is registered."""

    def __init__(self, secret, redirect):
        self.secret, self.redirect = secret, redirect

    def get_client_id(self):
        return "gotong"

    def get_default_redirect_uri(self):
        return self.redirect

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == self.redirect

    def check_client_secret(self, client_secret):
        # What comes in the header is form-encoded (RFC 6749, section 2.3.1), and Authlib leaves that to us.
        return urllib.parse.unquote_plus(client_secret) == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):
    def __init__(self, **said):
        self.__dict__.update(said)

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.auth_time

    def get_acr(self):
        return None

    def get_amr(self):
        return ["pwd"]


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

    def save_authorization_code(self, code, request):
        data = request.payload.data
        CODES[code] = Code(
            code=code, client_id="gotong", redirect_uri=request.payload.redirect_uri, scope=request.payload.scope, nonce=data.get("nonce"),
            auth_time=int(time.time()), user=request.user, code_challenge=data.get("code_challenge"), code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code, client):
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code):
        del CODES[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


def provider(issuer, client):
    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce, request):
            return any(code.nonce == nonce for code in CODES.values())

        def resolve_client_private_key(self, client):
            return KEY

        def get_client_algorithm(self, client):
            return "RS256"

        def get_client_claims(self, client):
            return {"iss": issuer}

        def generate_user_info(self, user, scope):
            return UserInfo(sub=user, preferred_username="ann", name="Ann")

    class Iss(IssuerParameter):
        def get_issuer(self):
            return issuer

    app = Flask(__name__)
    server = AuthorizationServer(app, query_client=lambda name: client if name == "gotong" else None, save_token=lambda token, request: None)
    server.register_grant(CodeGrant, [IdToken(require_nonce=True), CodeChallenge(required=True)])
    server.register_extension(Iss())

    @app.get("/.well-known/openid-configuration")
    def metadata():
        return jsonify(
            issuer=issuer, authorization_endpoint=issuer + "/authorise", token_endpoint=issuer + "/token", jwks_uri=issuer + "/keys",
            end_session_endpoint=issuer + "/end", response_types_supported=["code"], subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"], token_endpoint_auth_methods_supported=["client_secret_basic"],
            code_challenge_methods_supported=["S256"], authorization_response_iss_parameter_supported=True,
        )

    @app.get("/keys")
    def keys():
        return jsonify(keys=[KEY.as_dict(private=False)])

    @app.get("/authorise")
    def authorise():
        # Who is logged in at the provider is what the browser's cookie there says.
        user = request.cookies.get("at_provider")
        return server.create_authorization_response(grant_user=user, grant=server.get_consent_grant(end_user=user))

    @app.post("/token")
    def token():
        return server.create_token_response()

    return app


class Browser:
    """Follows pages as a person does who sees no script."""

    def __init__(self, base):
        self.base, self.session = base, requests.Session()

    def at_provider(self, subject):
        self.session.cookies.set("at_provider", subject, domain="localhost.local", path="/authorise")

    def page(self, answer):
        """The page at the end of what leads on by itself."""
        for _ in range(10):
            on = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', answer.text)
            if not on:
                return answer
            answer = self.get(html.unescape(on.group(1)))
        raise SystemExit("it leads on and on")

    def get(self, path):
        return self.page(self.session.get(urllib.parse.urljoin(self.base, path), timeout=60))

    def post(self, path, **fields):
        answer = self.session.post(self.base + path, data=fields, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
        return self.page(answer)


def expect(holds, what, answer):
    if not holds:
        raise SystemExit("%s: %s %s\n%s" % (what, answer.status_code, answer.url, answer.text[-4000:]))


def open_link(base, welcome):
    key = urllib.parse.parse_qs(urllib.parse.urlsplit(welcome).query)["key"][0]
    made = Browser(base).post("/welcome", key=key, name="ann", full_name="Ann", password=PASSWORD)
    expect(made.status_code == 200, "the account is made", made)


def log_in(base, port):
    issuer = "http://localhost:%s" % port
    app = provider(issuer, Client(os.environ["OIDC_SECRET"], base + "/log-in/provider/back"))
    threading.Thread(target=make_server("localhost", int(port), app, threaded=True).serve_forever, daemon=True).start()

    ann = Browser(base)
    ann.at_provider("subject-of-ann")
    page = ann.post("/log-in/provider", next="/intelligence?q=x")
    expect(page.status_code == 200 and page.url == base + "/intelligence?q=x", "Ann is in, where she wished to go", page)
    me = ann.get("/me")
    expect('<span class="tag">Ministry</span>' in me.text, "her session says how it began", me)
    out = ann.post("/log-out")
    expect(issuer + "/end?client_id=gotong" in html.unescape(out.text), "the way out at the provider is offered", out)
    expect("/log-in" in ann.get("/me").url, "she is out", out)

    eve = Browser(base)
    eve.at_provider("subject-of-eve")
    refused = eve.post("/log-in/provider", next="/")
    expect(refused.status_code == 403 and "subject-of-eve" in refused.text, "somebody unknown is told what to ask for", refused)
    expect("/log-in" in eve.get("/me").url, "and is not in", refused)
    print(json.dumps({"in": "subject-of-ann", "refused": "subject-of-eve"}))


if __name__ == "__main__":
    {"--open": open_link, "--log-in": log_in}[sys.argv[1]](*sys.argv[2:])
