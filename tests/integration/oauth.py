"""OAuth2 against a real Dovecot: logins, grants, tokens that expire, are revoked or rotate, faults, and no secret told."""
import os
import stat
import subprocess
import threading
import time

import dovecot
import provider
from harness import EX_NOPERM, EX_OK, EX_TEMPFAIL, PROGRAM, Test, drop_privileges, wait_for

USER = "ann@reports.example"
MECHANISMS = ("oauthbearer", "xoauth2")


class Place:
    """One Dovecot, one provider, one intake "box"; everything that dmarcd says is kept and searched for secrets."""

    def __init__(self, test, mechanism):
        self.test, self.name, self.said = test, mechanism, []
        self.provider = provider.Provider(USER)
        self.dovecot = dovecot.Dovecot(test, [USER], name="dovecot-" + mechanism, mechanisms=mechanism,
                                       tokeninfo_url=self.provider.base + "/tokeninfo?access_token=")
        self.folder = test.path("state-" + mechanism)
        os.mkdir(self.folder)
        self.token_file = os.path.join(self.folder, "oauth.box")
        self.secret_file = os.path.join(self.folder, "client")
        with open(self.secret_file, "w", encoding="ascii") as f:
            f.write(provider.CLIENT_SECRET + "\n")
        self.n_delivered = 0
        self.write()

    def write(self, more="", client=provider.CLIENT, base=None):
        base = base or self.provider.base
        self.configuration = os.path.join(self.folder, "dmarcd.conf")
        with open(self.configuration, "w", encoding="ascii") as f:
            f.write('store { url = "sqlite:%s/dmarcd.db" }\nintake "box" { type = imap url = "imaps://localhost:%d/" '
                    'user = "%s" ca_file = "%s" oauth_provider = custom oauth_client_id = "%s" '
                    'oauth_token_url = "%s/token" oauth_device_url = "%s/device" oauth_authorize_url = "%s/authorize" '
                    'oauth_scope = "imap offline_access" %s }\n'
                    % (self.folder, self.dovecot.tls_port, USER, self.dovecot.ca_file, client, base, base, base, more))

    def run(self, *arguments, **more):
        done = self.test.run("oauth", *arguments, "box", "-c", self.configuration, **more)
        self.said.append(done.out + done.err)
        return done

    def serve(self, **more):
        server = self.test.serve("-c", self.configuration, **more)
        self.test.check("%s: dmarcd starts" % self.name, server.is_up(), server.said())
        return server

    def stop(self, server):
        code = server.stop()
        self.said.append(server.said())
        return code

    def kept(self):
        with open(self.token_file, encoding="ascii") as f:
            return f.read().strip()

    def keep(self, token):
        with open(self.token_file, "w", encoding="ascii") as f:
            f.write(token + "\n")

    def reads_mail(self, what, mail, seconds=15):
        """A mail that comes now is in the store soon."""
        self.n_delivered += 1
        self.dovecot.deliver(USER, "%d.M1P1.host" % (1800000000 + self.n_delivered), mail)
        store = "sqlite:%s/dmarcd.db" % self.folder
        good = wait_for(lambda: self.test.stats(store).get("reports") == self.n_delivered, seconds, 0.1)
        return self.test.check("%s: %s" % (self.name, what), good, self.test.stats(store))

    def check_no_secret(self):
        text = "".join(self.said)
        told = [s.split("-")[0] for s in self.provider.secrets if s and s in text]
        self.test.check("%s: none of %d secrets is in %d bytes of output" % (
            self.name, len(self.provider.secrets), len(text)), text and not told, told)


# --- Login ---

def check_device_login(place):
    test, source = place.test, place.provider
    done = place.run("check")
    test.check("before a login: it says how to log in", done.code == EX_NOPERM and "dmarcd oauth login box" in done.err, done)
    source.device_answers = ["authorization_pending", "slow_down"]
    start = time.monotonic()
    done = place.run("login")
    test.check("device code: logged in", done.code == EX_OK, done)
    test.check("device code: address, code and user are shown",
               source.base + "/enter" in done.out and "WDJB-MJHT" in done.out and USER in done.out, done)
    test.check("device code: slow_down slows down (%.1f s)" % (time.monotonic() - start), time.monotonic() - start >= 7)
    test.check("device code: the refresh token is on disk", place.kept() in source.refresh)
    test.equal("for its owner alone", 0o600, stat.S_IMODE(os.stat(place.token_file).st_mode))
    test.equal("the scope was asked for", "imap offline_access", list(source.devices.values())[-1])
    for answer, text in (("access_denied", "said no"), ("expired_token", "not entered in time")):
        source.device_answers = [answer]
        before, done = place.kept(), place.run("login")
        test.check("device code: %s is shown" % answer, done.code == EX_NOPERM and answer in done.err and text in done.err, done)
        test.equal("and the old login stays", before, place.kept())


def log_in_by_browser(place, change=lambda address: address):
    process = subprocess.Popen([PROGRAM, "oauth", "login", "--browser", "box", "-c", place.configuration],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    shown = [process.stdout.readline() for _ in range(3)]
    url = shown[2].strip()
    out, err = process.communicate(change(place.provider.authorize(url)) + "\n", timeout=30)
    place.said.append("".join(shown) + out + err)
    return process.returncode, url, out + err


def check_browser_login(place):
    test, before = place.test, place.kept()
    code, url, said = log_in_by_browser(place)
    test.check("browser: logged in", code == EX_OK and place.kept() != before and place.kept() in place.provider.refresh, said)
    test.check("browser: the address names the user", "login_hint=ann%40reports.example" in url, url)
    before = place.kept()
    code, _, said = log_in_by_browser(place, lambda address: address.replace("state=", "state=x"))
    test.check("browser: an address of another login is refused", code != EX_OK and "copy all of it" in said, said)
    code, _, said = log_in_by_browser(place, lambda address: address.replace("code=", "code=x"))
    test.check("browser: a code that the provider does not know", code == EX_NOPERM and "invalid_grant" in said, said)
    test.equal("browser: the old login stays", before, place.kept())


# --- Tokens ---

def check_reading(place, mails):
    test, source = place.test, place.provider
    first = place.kept()
    reader = place.serve()
    place.reads_mail("mail is read", mails[0])
    test.check("%s: is what it logs in by" % place.name, "method=" + place.name.upper() in place.dovecot.said())
    test.check("%s: a new refresh token is on disk" % place.name, place.kept() != first and place.kept() in source.refresh)
    given = source.n_given
    place.dovecot.kill_sessions()
    place.reads_mail("a connection made anew: mail is read", mails[1])
    test.equal("%s: with the token that was there" % place.name, given, source.n_given)
    source.revoke_access()
    place.dovecot.kill_sessions()
    place.reads_mail("a token revoked in the middle: mail is read", mails[2])
    test.equal("%s: with one new token" % place.name, given + 1, source.n_given)
    test.equal("%s: it ends cleanly" % place.name, 0, place.stop(reader))
    reader = place.serve()
    place.reads_mail("after a restart with the refresh token on disk: mail is read", mails[3])
    test.equal("%s: no refresh token was spent twice" % place.name, 0, source.reused)
    place.stop(reader)


def check_expiry(place, mails):
    """Expired by the clock, on both sides; and one that is too near to it to begin with."""
    source = place.provider
    for seconds, mail, next_mail in ((2, mails[4], mails[5]), (62, mails[6], mails[7])):
        source.expires_in = seconds
        reader = place.serve()
        place.reads_mail("a token that is good for %d s: mail is read" % seconds, mail)
        given = source.n_given
        time.sleep(2.5)
        place.dovecot.kill_sessions()
        place.reads_mail("3 s later: mail is read", next_mail)
        place.test.equal("%s: with one new token" % place.name, given + 1, source.n_given)
        place.stop(reader)
    source.expires_in = 3600


def check_client_credentials(place, mails):
    test, source = place.test, place.provider
    os.unlink(place.token_file)
    place.write('oauth_grant = client_credentials oauth_client_secret_file = "%s"' % place.secret_file)
    done = place.run("check")
    test.check("client_credentials: check says until when", done.code == EX_OK and "good until 20" in done.out, done)
    test.equal("client_credentials: the grant", "client_credentials", source.forms[-1][1].get("grant_type"))
    reader = place.serve()
    place.reads_mail("client_credentials: mail is read", mails[8])
    source.revoke_access()
    place.dovecot.kill_sessions()
    place.reads_mail("client_credentials, revoked in the middle: mail is read", mails[9])
    place.stop(reader)
    test.check("client_credentials: nothing is kept", not os.path.exists(place.token_file))
    done = place.run("login")
    test.check("client_credentials: login says that there is none", done.code == EX_NOPERM and "need no login" in done.err, done)
    with open(place.secret_file, "w", encoding="ascii") as f:
        f.write("wrong\n")
    done = place.run("check")
    test.check("a wrong client secret: code and cure",
               done.code == EX_NOPERM and "AADSTS7000215" in done.err and "oauth_client_secret_file" in done.err, done)
    place.write()
    place.keep(source.new_refresh())


# --- Trouble ---

def expect_fault(place, what, fault, code, *parts):
    place.provider.fault = fault
    done = place.run("check")
    place.provider.fault = None
    place.test.check("%s: %s" % (what, ", ".join(parts)), done.code == code and all(p in done.err for p in parts), done)


def check_faults(place):
    test, source = place.test, place.provider
    expect_fault(place, "503", (503, b"<html>sorry</html>"), EX_TEMPFAIL, "HTTP 503")
    expect_fault(place, "503 with a code", (503, {"error": "server_error"}), EX_TEMPFAIL, "HTTP 503", "server_error")
    expect_fault(place, "too many requests", (429, {"error": "x"}), EX_TEMPFAIL, "HTTP 429")
    expect_fault(place, "404", (404, b"not here"), EX_NOPERM, "HTTP 404")
    expect_fault(place, "a page in place of JSON", (200, b"<html>log in</html>"), EX_NOPERM, "no JSON object")
    expect_fault(place, "a redirect is not followed", (302, {}), EX_NOPERM, "HTTP 302")
    expect_fault(place, "no token in it", (200, {"token_type": "Bearer"}), EX_NOPERM, "no access_token")
    expect_fault(place, "a huge answer", (200, b" " * 70000 + b"{}"), 65, "too long")
    expect_fault(place, "control characters", (200, {"access_token": "a\x01auth=Bearer b"}), EX_NOPERM, "access_token is none")
    expect_fault(place, "a provider that repeats the secret", (400, {
        "error": place.kept(), "error_description": "bad\n\x1b[2J " + place.kept() + "?"}), EX_NOPERM, "(hidden)", "bad [2J")
    expect_fault(place, "consent", (400, {"error": "invalid_grant", "error_description": "AADSTS65001: The user has not"}),
                 EX_NOPERM, "AADSTS65001", "consented")
    test.check("none of that went anywhere else", not [x for x, _ in source.forms if x not in ("/token", "/device")])
    place.write(client="somebody-else")
    done = place.run("check")
    test.check("a wrong client: code and cure", done.code == EX_NOPERM and "AADSTS700016" in done.err and
               "oauth_client_id" in done.err, done)
    place.write()


def check_waiting(place, mails):
    """dmarcd that runs: trouble that passes, and a login that has to be made anew."""
    test, source = place.test, place.provider
    source.fault = (503, b"")
    reader = place.serve()
    test.check("503: the log says so", wait_for(lambda: "HTTP 503" in reader.said(), 10), reader.said())
    source.fault = None
    place.reads_mail("after 503: mail is read", mails[10])
    place.stop(reader)
    source.refresh.clear()
    reader = place.serve()
    said = wait_for(lambda: "AADSTS70008" in reader.said(), 10)
    test.check("a refresh token that has expired: the log has the code and the cure",
               said and "invalid_grant" in reader.said() and "dmarcd oauth login box" in reader.said(), reader.said())
    place.stop(reader)
    place.keep(source.new_refresh())


def check_many_at_once(place):
    """Several dmarcd and one refresh token that is good once."""
    place.provider.slow_s, codes = 0.3, []
    threads = [threading.Thread(target=lambda: codes.append(place.run("check").code)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    place.provider.slow_s = 0
    place.test.equal("5 at once: all have a token", [EX_OK] * 5, codes)
    place.test.equal("5 at once: no refresh token was spent twice", 0, place.provider.reused)


def check_unwritable(place, mails):
    """The file can be read and its folder not written: loud, but mail is read on."""
    test, source, folder = place.test, place.provider, place.test.path("locked")
    os.mkdir(folder)
    os.chmod(place.folder, 0o777)
    os.chmod(place.token_file, 0o644)
    for name in os.listdir(place.folder):
        os.chown(os.path.join(place.folder, name), place.dovecot.owner.pw_uid, place.dovecot.owner.pw_gid)
    place.token_file = os.path.join(folder, "token")
    place.keep(source.new_refresh())
    place.write('oauth_token_file = "%s"' % place.token_file)
    reader = place.serve(program=test.program_for_all(), before_exec=drop_privileges)
    place.reads_mail("the folder cannot be written: mail is read", mails[11])
    test.check("the log says it loudly", wait_for(lambda: "error: refresh token is in memory only" in reader.said(), 5),
               reader.said())
    source.revoke_access()
    place.dovecot.kill_sessions()
    place.reads_mail("the next token comes by what is in memory: mail is read", mails[12])
    os.chown(folder, place.dovecot.owner.pw_uid, place.dovecot.owner.pw_gid)
    source.revoke_access()
    place.dovecot.kill_sessions()
    place.reads_mail("the folder can be written again: mail is read", mails[13])
    test.check("and the newest refresh token is on disk", place.kept() in source.refresh)
    test.equal("no refresh token was spent twice", 0, source.reused)
    place.stop(reader)


def check_https(place):
    """The provider by TLS: an authority of one's own is believed where it is named, and only there."""
    test, folder = place.test, place.dovecot.folder
    pair = (os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    secure = provider.Provider(USER, pair)
    secure.refresh, secure.access = place.provider.refresh, place.provider.access
    place.keep(place.provider.new_refresh())
    more = 'oauth_token_file = "%s"' % place.token_file
    place.write(more, base=secure.base)
    done = place.run("check")
    test.check("https: a token", done.code == EX_OK, done)
    place.write(more, base=secure.base)
    with open(place.configuration, encoding="ascii") as f:
        text = f.read().replace(place.dovecot.ca_file, "")
    with open(place.configuration, "w", encoding="ascii") as f:
        f.write(text)
    n, done = len(secure.forms), place.run("check")
    test.check("https: a certificate that nobody vouches for", done.code == EX_NOPERM and "not trusted" in done.err, done)
    test.equal("https: and nothing is sent", n, len(secure.forms))
    place.provider.secrets |= secure.secrets
    secure.stop()


def main():
    with Test("OAuth2 against Dovecot") as test:
        if not dovecot.is_there():
            test.skip("OAuth2 against Dovecot", "it needs %s and root" % dovecot.PROGRAM)
            return
        out, _ = test.make_reports("single", "-n", "14", "--broken", "0", "--duplicates", "0", "--format", "eml",
                                   "--seed", "78")
        folder = os.path.join(out, "eml")
        mails = [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]
        places = [Place(test, mechanism) for mechanism in MECHANISMS]
        check_device_login(places[0])
        check_browser_login(places[0])
        places[1].keep(places[1].provider.new_refresh())
        for place in places:
            check_reading(place, mails)
            check_expiry(place, mails)
        place = places[0]
        check_client_credentials(place, mails)
        check_faults(place)
        check_waiting(place, mails)
        check_many_at_once(place)
        check_unwritable(place, mails)
        check_https(place)
        for place in places:
            place.check_no_secret()
            place.dovecot.stop()
            place.provider.stop()


main()
