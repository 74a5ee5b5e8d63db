"""An identity provider of others, for tests: Authlib's (OpenID Connect, PKCE demanded, RFC 9207) behind Flask; what is here beside it only keeps its codes.

Who is logged in at it is what the browser's cookie `at_provider` says. With `asks` somebody without that cookie meets a page with a form, as people do; it
has no policy of content, as many have none. `oidc_client.py` and `browser/provider.py` start it.
"""

import html
import logging
import threading
import time
import urllib.parse

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207.parameter import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, redirect, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CODES = {}
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
# What somebody without the cookie meets, where the provider asks.
DOOR = """<!doctype html><html lang="en"><head><title>Ministry</title><link rel="icon" href="data:,"></head><body><h1>Ministry</h1>
<form method="post" action="/authorise?%s"><label>Who are you? <input name="user"></label>
<button name="act" value="in">Sign in</button> <button name="act" value="cancel">Cancel</button></form></body></html>"""


class Client(ClientMixin):
    """The node, as it is registered."""

    def __init__(self, secret, redirect):
        self.secret, self.redirect = secret, redirect
        self.after = [redirect.removesuffix("/provider/back")]

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


def provider(issuer, client, asks=False):
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

    def answered(user):
        return server.create_authorization_response(grant_user=user, grant=server.get_consent_grant(end_user=user))

    @app.get("/authorise")
    def authorise():
        # Who is logged in at the provider is what the browser's cookie there says.
        user = request.cookies.get("at_provider")
        if asks and not user:
            return DOOR % html.escape(request.query_string.decode())
        return answered(user)

    @app.post("/authorise")
    def asked():
        # Nobody is let in by a provider that was told to cancel: Authlib answers with access_denied.
        user = request.form["user"] if request.form["act"] == "in" else None
        answer = answered(user)
        if user:
            answer.set_cookie("at_provider", user, path="/", httponly=True, samesite="Lax")
        return answer

    @app.get("/end")
    def end():
        back = request.args.get("post_logout_redirect_uri", "")
        if request.args.get("client_id") != "gotong" or back not in client.after:
            return "this address after log-out is not registered", 400
        answer = redirect(back)
        answer.delete_cookie("at_provider")
        return answer

    @app.post("/token")
    def token():
        return server.create_token_response()

    return app


def start(host, port, client, asks=False):
    """Serves it on this machine; the server, which `shutdown` ends."""
    # Each request as a line would hide what goes wrong.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(host, int(port), provider("http://%s:%s" % (host, port), client, asks), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
