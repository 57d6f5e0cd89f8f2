/* SPDX-License-Identifier: MIT */
/* One holder at a time, of all processes and within one; a dead holder holds nothing. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/lease.h"
#include "tests/support/store_place.h"

static struct lease *
take(const struct store_place *place, const char *thing)
{
	g_autoptr(GError) error = NULL;
	struct lease *lease = NULL;

	assert_true(lease_take(place->store, thing, &lease, &error));
	assert_null(error);
	return lease;
}

static void
is_held_by_one(void **state)
{
	const struct store_place *place = *state;
	struct lease *first = take(place, "maildir /mail");
	struct lease *other = take(place, "maildir /other");

	assert_non_null(first);
	assert_non_null(other);
	assert_null(take(place, "maildir /mail"));
	lease_give_back(first);
	first = take(place, "maildir /mail");
	assert_non_null(first);
	lease_give_back(first);
	lease_give_back(other);
	lease_give_back(NULL);
}

static void
goes_with_a_process_that_is_killed(void **state)
{
	const struct store_place *place = *state;
	int pipe_fds[2];
	char byte;

	assert_int_equal(pipe(pipe_fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		byte = take(place, "imap") ? 'y' : 'n';
		_exit(write(pipe_fds[1], &byte, 1) == 1 && pause() == 0);
	}
	assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_null(take(place, "imap"));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	struct lease *lease = take(place, "imap");
	assert_non_null(lease);
	lease_give_back(lease);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_held_by_one, store_place_open,
						store_place_close),
		cmocka_unit_test_setup_teardown(goes_with_a_process_that_is_killed,
						store_place_open, store_place_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
