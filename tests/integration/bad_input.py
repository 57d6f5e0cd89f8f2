"""Bad input gives one line that names cause and cure, and an exit code that says what kind of trouble it is."""
import os
import socket
import sqlite3

from harness import (EX_CANTCREAT, EX_CONFIG, EX_DATAERR, EX_IOERR, EX_NOINPUT, EX_NOPERM, EX_TEMPFAIL, EX_USAGE,
                     NOBODY, Test, drop_privileges)


def refuses(test, what, done, codes, *words):
    """One line, the right exit code, and it names what a person needs."""
    lines = done.err.strip().splitlines()
    test.check("%s: exit code %s" % (what, done.code), done.code in codes, done)
    test.check("%s: one line" % what, len(lines) == 1, done)
    line = lines[-1].lower() if lines else ""
    missing = [w for w in words if not any(x in line for x in w.lower().split("|"))]
    test.check("%s: says %s" % (what, line or "nothing"), line and not missing, "without %s" % missing)


def write(path, data=b""):
    with open(path, "wb") as f:
        f.write(data)
    return path


def usage(test):
    for words in (["--frobnicate"], ["ingest", "--frobnicate", "x"], ["serve", "--frobnicate"], ["frobnicate"]):
        done = test.run(*words)
        refuses(test, "dmarcd " + " ".join(words), done, {EX_USAGE}, "frobnicate", "--help")
    refuses(test, "ingest without a path", test.run("ingest", "--store", test.store()), {EX_USAGE}, "path|-", "--help")
    refuses(test, "export of nothing known", test.run("export", "sauces", "--json", "--store", test.store()),
            {EX_USAGE}, "sauces", "sources")


def empty_file(test):
    path = write(test.path("empty.eml"))
    done = test.run("ingest", "--quiet", "--store", test.store("empty.db"), path)
    test.check("an empty file: no crash, exit code %s" % done.code, done.code in (0, EX_DATAERR), done)
    done = test.run("parse", "--summary", path)
    test.check("an empty file: parse says why", '"reason"' in done.out and done.out.count("\n") == 1, done)


def missing_path(test):
    path = test.path("nowhere")
    refuses(test, "a path that is not there", test.run("ingest", "--store", test.store("m.db"), path),
            {EX_NOINPUT, EX_DATAERR, EX_NOPERM}, path, "no such file")


def forbidden_folders(test):
    program = test.program_for_all()
    closed = test.path("closed")
    os.mkdir(closed)
    os.chmod(closed, 0)
    os.makedirs(test.path("open"))
    os.chmod(test.path("open"), 0o777)
    store = "sqlite:" + test.path("open", "dmarcd.db")
    done = test.run("ingest", "--store", store, closed, before_exec=drop_privileges, program=program)
    refuses(test, "a folder without permission", done, {EX_NOPERM, EX_NOINPUT, EX_DATAERR}, closed, "permission")
    done = test.run("stats", "--store", "sqlite:" + os.path.join(closed, "dmarcd.db"),
                    before_exec=drop_privileges, program=program)
    refuses(test, "a store without permission", done, {EX_NOPERM}, closed, "permission|not allowed|cannot open")
    done = test.run("ingest", "--store", "sqlite:" + os.path.join(closed, "dmarcd.db"), closed,
                    before_exec=drop_privileges, program=program)
    refuses(test, "a new store without permission", done, {EX_NOPERM, EX_CANTCREAT}, closed)
    server = test.serve("--store", store, "--maildir", closed, before_exec=drop_privileges, program=program)
    code = server.process.wait(20)
    lines = [x for x in server.said().splitlines() if "closed" in x]
    test.check("a Maildir without permission: exit code %s" % code, code == EX_NOPERM, server.said())
    test.check("a Maildir without permission: %s" % (lines[0] if lines else "no word"), len(lines) == 1, server.said())
    os.chmod(closed, 0o700)


def foreign_stores(test):
    """An empty file becomes a store; anything else that is none stays as it is."""
    zero = write(test.path("zero.db"))
    done = test.run("stats", "--json", "--store", "sqlite:" + zero)
    test.check("a 0-byte store: asked only, exit code %s" % done.code,
               done.code == 0 or (done.code in (EX_DATAERR, EX_NOINPUT, EX_NOPERM) and done.err.count("\n") == 1), done)
    text = write(test.path("text.db"), b"this is no database, it is a letter\n" * 200)
    refuses(test, "a store that is a text file", test.run("ingest", "--store", "sqlite:" + text, zero),
            {EX_DATAERR, EX_NOPERM, EX_CONFIG}, "text.db", "database")
    with open(text, "rb") as f:
        test.check("the text file is untouched", f.read().startswith(b"this is no database"))
    other = test.path("other.db")
    database = sqlite3.connect(other)
    database.executescript("CREATE TABLE songs(title TEXT); INSERT INTO songs VALUES ('one');")
    database.close()
    refuses(test, "the database of another program", test.run("ingest", "--store", "sqlite:" + other, zero),
            {EX_DATAERR, EX_NOPERM, EX_CONFIG}, "other.db")
    refuses(test, "a store of an unknown kind", test.run("stats", "--store", "mysql:x"),
            {EX_DATAERR, EX_USAGE, EX_CONFIG, EX_NOPERM}, "mysql", "sqlite:")


def zero_becomes_store(test):
    reports, _ = test.make_reports("one", "-n", "20", "--broken", "0", "--format", "eml")
    zero = write(test.path("zero2.db"))
    done = test.run("ingest", "--quiet", "--store", "sqlite:" + zero, os.path.join(reports, "eml"))
    test.check("a 0-byte store: ingest makes it a store", done.code == 0, done)
    test.check_truth("a 0-byte store", "sqlite:" + zero, os.path.join(reports, "truth.json"))


def newer_store(test):
    path = test.path("newer.db")
    write(test.path("empty2.eml"))
    test.run("ingest", "--quiet", "--store", "sqlite:" + path, test.path("empty2.eml"))
    database = sqlite3.connect(path)
    version = database.execute("PRAGMA user_version").fetchone()[0]
    test.check("the schema has a version", version > 0, version)
    database.execute("PRAGMA user_version = %d" % (version + 7))
    database.commit()
    database.close()
    for words in (["ingest", "--store", "sqlite:" + path, test.path("empty2.eml")],
                  ["stats", "--json", "--store", "sqlite:" + path]):
        refuses(test, "%s on a newer store" % words[0], test.run(*words), {EX_DATAERR, EX_CONFIG, EX_NOPERM},
                str(version + 7), "newer", "upgrade|update|install|dmarcd")


def port_in_use(test):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = "127.0.0.1:%d" % taken.getsockname()[1]
        done = test.run("serve", "--listen", where, "--store", test.store("port.db"), timeout=30)
    refuses(test, "a port in use", done, {EX_NOPERM, EX_TEMPFAIL, EX_IOERR, 69, 71}, where, "in use", "--listen|web|port")


def listen_words(test):
    for where in ("nonsense", "127.0.0.1", "127.0.0.1:99999"):
        done = test.run("serve", "--listen", where, "--store", test.store("port.db"), timeout=30)
        refuses(test, "--listen %s" % where, done, {EX_USAGE, EX_DATAERR, EX_CONFIG, EX_NOPERM}, where, "address|port")


def configuration(test):
    missing = test.path("missing.conf")
    refuses(test, "a configuration that is not there", test.run("serve", "-c", missing),
            {EX_NOINPUT, EX_CONFIG, EX_NOPERM}, missing, "no such file")
    wrong = write(test.path("wrong.conf"), b'store { url = "sqlite:x.db" }\nweb { listne = "127.0.0.1:1" }\n')
    refuses(test, "an unknown setting", test.run("serve", "-c", wrong), {EX_CONFIG, EX_DATAERR}, wrong + ":2", "listne")
    refuses(test, "config --check of it", test.run("config", "--check", "-c", wrong), {EX_CONFIG, EX_DATAERR}, wrong + ":2")
    maildir = write(test.path("nomaildir.conf"), b'intake "drop" { type = maildir path = "%s" }\n' % test.folder.encode())
    done = test.run("serve", "-c", maildir, "--listen", "127.0.0.1:0", "--store", test.store("c.db"), timeout=30)
    refuses(test, "a Maildir that is none", done, {EX_NOPERM, EX_CONFIG, EX_DATAERR}, test.folder, "maildir")


def no_configuration_at_all(test):
    """dmarcd serve alone, in an empty folder, as an ordinary user."""
    home = test.path("home")
    os.mkdir(home)
    os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid) if os.getuid() == 0 else None
    program = test.program_for_all()

    def in_home():
        drop_privileges()
        os.chdir(home)
    server = test.serve(before_exec=in_home, program=program, environment={"PATH": os.environ["PATH"]})
    test.check("no configuration: it starts", server.is_up(), server.said())
    test.check("no configuration: it prints a login link", bool(server.login_link()), server.said())
    test.check("no configuration: the store is data/dmarcd.db", os.path.exists(os.path.join(home, "data", "dmarcd.db")))
    mode = os.stat(os.path.join(home, "data", "dmarcd.db")).st_mode & 0o777
    test.check("no configuration: others cannot read the store (mode %o)" % mode, mode & 0o007 == 0)
    test.equal("no configuration: SIGTERM ends it cleanly", 0, server.stop())


def main():
    with Test("bad input: one line with cause and cure, a sensible exit code, nothing lost") as test:
        for case in (usage, empty_file, missing_path, forbidden_folders, foreign_stores, zero_becomes_store,
                     newer_store, port_in_use, listen_words, configuration, no_configuration_at_all):
            case(test)


main()
