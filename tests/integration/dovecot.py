"""dovecot.py - a Dovecot of the test's own: IMAP and IMAPS on loopback, its own users, its own authority."""
import os
import pwd
import shutil
import signal
import subprocess

from harness import free_port, wait_for

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "right-horse"

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = {folder}
ssl = {ssl}
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0 secs
mail_location = maildir:{folder}/mail/%u
mailbox_idle_check_interval = 1 secs
mail_max_userip_connections = 50
first_valid_uid = 1
passdb {{
  {passdb}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""

PASSWORDS = "driver = passwd-file\n  args = scheme=PLAIN username_format=%u {folder}/users"
TOKENS = "driver = oauth2\n  mechanisms = {mechanisms}\n  args = {folder}/oauth2.conf"


def is_there():
    return os.access(PROGRAM, os.X_OK) and os.getuid() == 0


def make_certificates(folder):
    """An authority of our own and a certificate for localhost."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
            "-subj", "/CN=dmarcd test authority")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=localhost")
    with open(os.path.join(folder, "names"), "w", encoding="ascii") as f:
        f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "server.pem", "-days", "30", "-extfile", "names")


class Dovecot:
    """tokeninfo_url: who logs in has a token, which is asked about there; mechanisms are then those of tokens."""

    def __init__(self, test, users, ssl="yes", name="dovecot", mechanisms="plain login", tokeninfo_url=None):
        self.folder = test.path(name)
        self.port, self.tls_port = free_port(), free_port()
        self.owner = pwd.getpwnam("nobody")
        os.makedirs(os.path.join(self.folder, "mail"))
        shutil.chown(os.path.join(self.folder, "mail"), self.owner.pw_uid, self.owner.pw_gid)
        make_certificates(self.folder)
        self.ca_file = os.path.join(self.folder, "ca.pem")
        with open(os.path.join(self.folder, "users"), "w", encoding="ascii") as f:
            f.writelines("%s:{PLAIN}%s\n" % (user, PASSWORD) for user in users)
        self.password_file = os.path.join(self.folder, "password")
        with open(self.password_file, "w", encoding="ascii") as f:
            f.write(PASSWORD + "\n")
        self.configuration = os.path.join(self.folder, "dovecot.conf")
        with open(self.configuration, "w", encoding="ascii") as f:
            passdb = (TOKENS if tokeninfo_url else PASSWORDS).format(folder=self.folder, mechanisms=mechanisms)
            f.write(CONFIGURATION.format(folder=self.folder, port=self.port, tls_port=self.tls_port, ssl=ssl,
                                         mechanisms=mechanisms, passdb=passdb,
                                         uid=self.owner.pw_uid, gid=self.owner.pw_gid))
        with open(os.path.join(self.folder, "oauth2.conf"), "w", encoding="ascii") as f:
            f.write("tokeninfo_url = %s\nusername_attribute = email\n" % tokeninfo_url)
        for user in users:
            self.make_folder(user, "")
        self.process = None
        test.servers.append(self)
        self.start()

    def start(self):
        self.process = subprocess.Popen([PROGRAM, "-F", "-c", self.configuration], stdin=subprocess.DEVNULL)
        return wait_for(lambda: os.path.exists(os.path.join(self.folder, "run", "login", "imap")) or
                        os.path.exists(os.path.join(self.folder, "run", "master.pid")), 10)

    def stop(self, how=signal.SIGTERM):
        """Its master takes its children with it; one that is killed cannot."""
        del how
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def said(self):
        with open(os.path.join(self.folder, "dovecot.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def maildir(self, user, name=""):
        return os.path.join(self.folder, "mail", user, "." + name if name else "")

    def make_folder(self, user, name):
        for part in ("", "new", "cur", "tmp"):
            path = os.path.join(self.maildir(user, name), part)
            os.makedirs(path, exist_ok=True)
            shutil.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return self.maildir(user, name)

    def deliver(self, user, file_name, data, name=""):
        """As an MTA does: write to tmp/, rename into new/."""
        tmp = os.path.join(self.maildir(user, name), "tmp", file_name)
        with open(tmp, "wb") as f:
            f.write(data)
        shutil.chown(tmp, self.owner.pw_uid, self.owner.pw_gid)
        os.rename(tmp, os.path.join(self.maildir(user, name), "new", file_name))

    def count(self, user, name="", flags=""):
        """Mails in a folder; those that have all these flags."""
        n = 0
        for part in ("new", "cur"):
            try:
                names = os.listdir(os.path.join(self.maildir(user, name), part))
            except FileNotFoundError:
                continue
            n += sum(1 for x in names if all(f in x.partition(":2,")[2] for f in flags))
        return n

    def doveadm(self, *arguments):
        return subprocess.run(["doveadm", "-c", self.configuration, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=30).stdout.decode()

    def kill_sessions(self):
        """kill -9 every imap process of this Dovecot; gives how many."""
        n = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as f:
                    name, _, rest = f.read().partition("(")[2].rpartition(")")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if name == "imap" and int(rest.split()[1]) == self.process.pid:
                os.kill(int(pid), signal.SIGKILL)
                n += 1
        return n
