"""mta.py - a Postfix of the test's own: queue, configuration and log in the test's folder, on loopback."""
import os
import re
import signal
import smtplib
import subprocess

from harness import free_port, wait_for

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.collector.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
relay_domains = collector.example
transport_maps = static:{transport}
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
smtpd_peername_lookup = no
message_size_limit = 41943040
mailbox_size_limit = 0
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
{more}
"""

MASTER = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{more}
"""


def is_there():
    return os.getuid() == 0 and os.access("/usr/sbin/postfix", os.X_OK)


class Mta:
    """A Postfix that runs with the configuration in folder and takes mail on 127.0.0.1:port."""

    def __init__(self, test, name):
        self.port = free_port()
        self.folder = test.path("%s-%d" % (name, self.port))
        os.makedirs(self.folder)
        self.config, self.log_file, self.process = self.folder, os.path.join(self.folder, "out"), None
        test.servers.append(self)

    def start(self, command, environment=None):
        with open(os.path.join(self.folder, "out"), "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                            env=environment, start_new_session=True)

    def is_up(self):
        def answers():
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as smtp:
                    return smtp.noop()[0] == 250
            except OSError:
                return False
        return wait_for(answers, 30, 0.2)

    def send(self, mails, recipient="dmarc@collector.example"):
        """In one session, as an MTA on the net would bring them."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as smtp:
            for mail in mails:
                smtp.sendmail("", [recipient], mail)

    def queued(self):
        """Mails that are still in the queue."""
        done = subprocess.run(["/usr/sbin/postqueue", "-c", self.config, "-j"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return len(done.stdout.splitlines())

    def flush(self):
        subprocess.run(["/usr/sbin/postqueue", "-c", self.config, "-f"], stderr=subprocess.DEVNULL, check=False)

    def log(self):
        try:
            with open(self.log_file, encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def statuses(self):
        return re.findall(r"status=(\w+) \((.*)\)", self.log())

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM if how == signal.SIGKILL else how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
        return self.process.returncode if self.process else None


class Postfix(Mta):
    """Hands what it takes to transport, as in transport_maps."""

    def __init__(self, test, transport, main="", master=""):
        super().__init__(test, "postfix")
        os.makedirs(os.path.join(self.folder, "data"))
        os.makedirs(os.path.join(self.folder, "queue"))
        os.chown(os.path.join(self.folder, "data"), *self.owner())
        values = {"folder": self.folder, "port": self.port, "transport": transport}
        for name, text, more in (("main.cf", MAIN, main), ("master.cf", MASTER, master)):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
                f.write(text.format(more=more, **values))
        self.log_file = os.path.join(self.folder, "postfix.log")
        self.start(["/usr/sbin/postfix", "-c", self.folder, "start-fg"])

    @staticmethod
    def owner():
        import pwd
        entry = pwd.getpwnam("postfix")
        return entry.pw_uid, entry.pw_gid
