/* SPDX-License-Identifier: MIT */
/* What a service manager hears, at a socket with a file and at one without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "core/datagram.h"
#include "core/notify.h"

static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = 5 };
	gsize len = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, len);
	if (*path == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static void
assert_hears(int fd, const char *want)
{
	char said[256] = "";
	ssize_t n = recv(fd, said, sizeof(said) - 1, 0);

	assert_true(n >= 0);
	assert_true(g_str_has_prefix(said, want));
}

static void
check_at(const char *path)
{
	int fd = listen_at(path);

	g_setenv("NOTIFY_SOCKET", path, TRUE);
	notify_ready();
	assert_hears(fd, "READY=1\n");
	notify_reloading();
	assert_hears(fd, "RELOADING=1\nMONOTONIC_USEC=");
	notify_stopping();
	assert_hears(fd, "STOPPING=1\n");
	close(fd);
	notify_ready(); /* nobody listens: nothing happens */
	g_unsetenv("NOTIFY_SOCKET");
}

static void
says_it_to_a_file_and_to_a_name(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("notify-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "notify", NULL);
	g_autofree char *name = g_strdup_printf("@dmarcd-notify-test-%d", getpid());

	(void)state;
	check_at(path);
	check_at(name);
	g_unlink(path);
	g_rmdir(folder);
}

static void
refuses_what_is_no_address(void **state)
{
	g_autofree char *long_path = g_strnfill(200, 'x');

	(void)state;
	assert_false(datagram_send("", "x", 1));
	assert_false(datagram_send("@", "x", 1));
	assert_false(datagram_send(long_path, "x", 1));
	assert_false(datagram_send("/nonexistent/notify", "x", 1));
}

static gboolean
on_end(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

/* How often the main loop said in 300 ms that it turns, asked for every 20. */
static guint
signs_of_life(const char *span_us, const char *pid)
{
	g_autofree char *name = g_strdup_printf("@dmarcd-watch-test-%d-%s", getpid(), span_us);
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	int fd = listen_at(name);
	char said[64] = "";
	guint n = 0;

	g_setenv("NOTIFY_SOCKET", name, TRUE);
	g_setenv("WATCHDOG_USEC", span_us, TRUE);
	g_setenv("WATCHDOG_PID", pid, TRUE);
	notify_watch();
	g_timeout_add(300, on_end, loop);
	g_main_loop_run(loop);
	while (recv(fd, said, sizeof(said), MSG_DONTWAIT) > 0) {
		assert_true(g_str_has_prefix(said, "WATCHDOG=1\n"));
		n++;
	}
	g_unsetenv("NOTIFY_SOCKET");
	g_main_loop_unref(loop);
	close(fd);
	return n;
}

static void
main_loop_says_that_it_turns(void **state)
{
	g_autofree char *self = g_strdup_printf("%d", getpid());

	(void)state;
	assert_int_equal(signs_of_life("0", self), 0);
	assert_int_equal(signs_of_life("soon", self), 0);
	assert_int_equal(signs_of_life("40001", "1"), 0);
	guint n = signs_of_life("40000", self);
	assert_true(n >= 2 && n <= 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_it_to_a_file_and_to_a_name),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(main_loop_says_that_it_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
