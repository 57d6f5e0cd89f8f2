"""breaking_line.py - a line between a client and a server that can be cut, at once or in the middle of what comes."""
import socket
import threading

ENDLESS = 1 << 60


class BreakingLine:
    """n_cuts: the first connections end after n_bytes of the server's."""

    def __init__(self, port, n_cuts=0, n_bytes=ENDLESS):
        self.target, self.n_cuts, self.n_bytes, self.n_cut = port, n_cuts, n_bytes, 0
        self.lock, self.left, self.ends = threading.Lock(), {}, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            with self.lock:
                is_cut = self.n_cut < self.n_cuts
                self.n_cut += is_cut
                self.left[server] = self.n_bytes if is_cut else ENDLESS
                self.ends = [e for e in self.ends if e[0] in self.left] + [(server, client)]
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client), daemon=True).start()

    def carry(self, one, other):
        """What comes from the server counts."""
        try:
            while True:
                data = one.recv(min(self.left.get(one, 4096), 4096))
                if not data:
                    break
                other.sendall(data)
                if one in self.left:
                    self.left[one] -= len(data)
                    if self.left[one] <= 0:
                        break
        except OSError:
            pass
        self.shut(one, other)
        self.left.pop(one, None)

    @staticmethod
    def shut(*ends):
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """All that is open, now."""
        with self.lock:
            for server, client in self.ends:
                self.shut(server, client)

    def cut_after(self, n_bytes):
        """What is open ends after so many more bytes from the server."""
        with self.lock:
            for server in list(self.left):
                self.left[server] = n_bytes

    def close(self):
        self.listener.close()
        self.cut()
