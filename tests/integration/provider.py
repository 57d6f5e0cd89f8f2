"""provider.py - an OAuth provider of the test's own on loopback: token, device and authorization codes, tokeninfo.

Refresh tokens are good once: who spends one twice is noted in `reused`. Every secret it gives out is in
`secrets`, so that a test can look for them where they must not be.
"""
import base64
import hashlib
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

CLIENT, CLIENT_SECRET = "client-4711", "client-secret-right-horse"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Provider:
    def __init__(self, user, certificate=None):
        self.user, self.lock = user, threading.Lock()
        self.access, self.refresh, self.spent = {}, set(), set()
        self.devices, self.codes, self.secrets, self.forms = {}, {}, {CLIENT_SECRET}, []
        self.expires_in, self.rotates, self.slow_s = 3600, True, 0
        self.fault = None  # (status, body) in place of every answer of the token endpoint
        self.device_answers = []  # errors that come before the device code is good
        self.n_given, self.reused = 0, 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.base = "%s://localhost:%d" % ("https" if certificate else "http", self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def handler(self):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, body):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", provider.base + "/elsewhere")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                token = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("access_token", [""])[0]
                self.answer(*provider.tokeninfo(token))

            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                form = dict(urllib.parse.parse_qsl(self.rfile.read(size).decode()))
                self.answer(*provider.post(self.path, form))

            def log_message(self, *arguments):
                del arguments

        return Handler

    def new_secret(self, kind):
        secret = "%s-%s" % (kind, secrets.token_urlsafe(24))
        self.secrets.add(secret)
        return secret

    def new_refresh(self):
        token = self.new_secret("refresh")
        self.refresh.add(token)
        return token

    def tokeninfo(self, token):
        with self.lock:
            user, until = self.access.get(token, (None, 0))
        if time.time() < until:
            return 200, {"email": user, "expires_in": int(until - time.time())}
        return 400, {"error": "invalid_token"}

    def revoke_access(self):
        with self.lock:
            self.access.clear()

    def give(self, with_refresh):
        token = self.new_secret("access")
        self.access[token] = (self.user, time.time() + self.expires_in)
        self.n_given += 1
        answer = {"token_type": "Bearer", "access_token": token, "expires_in": self.expires_in}
        if with_refresh:
            answer["refresh_token"] = self.new_refresh()
        return 200, answer

    def post(self, path, form):
        time.sleep(self.slow_s)
        with self.lock:
            self.forms.append((path, form))
            if self.fault:
                return self.fault
            if form.get("client_id") != CLIENT:
                return 400, {"error": "unauthorized_client", "error_description":
                             "AADSTS700016: Application with identifier '%s' was not found." % form.get("client_id")}
            if form.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
                return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
            if path == "/device":
                return self.post_device(form)
            grant = GRANTS.get(form.get("grant_type"))
            return grant(self, form) if grant else (400, {"error": "unsupported_grant_type"})

    def post_device(self, form):
        code = self.new_secret("device")
        self.devices[code] = form.get("scope")
        return 200, {"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": self.base + "/enter",
                     "expires_in": 60, "interval": 1}

    def grant_refresh(self, form):
        token = form.get("refresh_token")
        if token in self.spent:
            self.reused += 1
        if token not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "AADSTS70008: The refresh token has expired."}
        if self.rotates:
            self.refresh.discard(token)
            self.spent.add(token)
        return self.give(self.rotates)

    def grant_client(self, form):
        if form.get("client_secret") != CLIENT_SECRET:
            return 401, {"error": "invalid_client"}
        return self.give(False)

    def grant_device(self, form):
        if self.device_answers:
            return 400, {"error": self.device_answers.pop(0)}
        if form.get("device_code") not in self.devices:
            return 400, {"error": "expired_token"}
        return self.give(True)

    def authorize(self, url):
        """What a person's browser does: gives the address it ends at."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        code = self.new_secret("code")
        with self.lock:
            self.codes[code] = query
        return query["redirect_uri"] + "/?" + urllib.parse.urlencode({"code": code, "state": query["state"]})

    def grant_code(self, form):
        query = self.codes.pop(form.get("code"), None)
        verifier = form.get("code_verifier", "")
        self.secrets.add(verifier)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if not query or query.get("code_challenge") != challenge or query.get("code_challenge_method") != "S256" or \
                query["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        return self.give(True)


GRANTS = {"refresh_token": Provider.grant_refresh, "client_credentials": Provider.grant_client,
          DEVICE_GRANT: Provider.grant_device, "authorization_code": Provider.grant_code}
