/* SPDX-License-Identifier: MIT */
/* Killed writers, two writers at once, a full disk: what was acknowledged is there, once. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define KILLS        10
#define PER_WRITER   400
#define MANY         3000
#define FULL_BYTES   (900 * 1024)
#define PARENT_READS 0
#define CHILD_WRITES 1

/* A child that writes reports from..until and tells of each acknowledged one through a pipe. */
struct child {
	pid_t pid;
	int from_child;
};

static void
tell(gpointer cookie, enum outcome outcome, const char *reason)
{
	int fd = GPOINTER_TO_INT(cookie);

	(void)reason;
	if (write(fd, outcome == OUTCOME_RETRY ? "r" : "s", 1) != 1)
		_exit(3);
}

static void
write_reports(struct store_place *place, guint32 from, guint32 until, int fd)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("a mail", 6);

	for (guint32 i = from; i < until; i++) {
		struct parsed *parsed = parsed_new();
		g_ptr_array_add(parsed->documents, random_document(i, PLACE_TODAY));
		struct message *message =
			message_new(bytes, "drop", "drop/1", tell, GINT_TO_POINTER(fd));
		message->received_at = PLACE_TODAY * DAY_S;
		store_submit(place->store, message, parsed, NULL);
		if (i % 50 == 0)
			store_flush(place->store, NULL);
	}
}

/* The store must be shut here: a store does not survive a fork. */
static struct child
start_writer(struct store_place *place, guint32 from, guint32 until, rlim_t file_bytes)
{
	int fds[2];
	struct child child;

	assert_int_equal(pipe(fds), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		const struct rlimit limit = { file_bytes, file_bytes };
		close(fds[PARENT_READS]);
		store_place_reopen(place, 0);
		signal(SIGXFSZ, SIG_IGN);
		if (file_bytes) {
			setrlimit(RLIMIT_FSIZE, &limit);
			/* The space never comes back: do not wait for it. */
			store_give_up(place->store);
		}
		write_reports(place, from, until, fds[CHILD_WRITES]);
		store_place_shut(place);
		_exit(0);
	}
	close(fds[CHILD_WRITES]);
	child.from_child = fds[PARENT_READS];
	return child;
}

/* How many reports were acknowledged as stored until the child ended. */
static guint
end_writer(struct child *child)
{
	char buffer[512];
	guint stored = 0;
	ssize_t n;

	while ((n = read(child->from_child, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < n; i++)
			stored += buffer[i] == 's';
	close(child->from_child);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
	return stored;
}

static void
a_killed_writer_loses_nothing_that_it_acknowledged(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	guint32 next = 1;

	for (guint i = 0; i < KILLS; i++) {
		store_place_shut(place);
		gint64 before = store_place_number(place, "SELECT count(*) FROM report");
		struct child child = start_writer(place, next, next + MANY, 0);
		g_usleep((gulong)g_rand_int_range(rand, 20000, 400000));
		kill(child.pid, SIGKILL);
		guint stored = end_writer(&child);
		store_place_reopen(place, 0);
		store_place_check(place);
		gint64 added = store_place_number(place, "SELECT count(*) FROM report") - before;
		/* Reports are numbered without gaps, so what is there is a beginning of them. */
		assert_true(added >= stored);
		next += (guint32)added;
	}
	assert_true(next > 1);
}

static void
two_writers_at_once_stay_exact(void **state)
{
	struct store_place *place = *state;
	struct store_place *alone;

	store_place_shut(place);
	struct child first = start_writer(place, 1, 1 + PER_WRITER, 0);
	struct child second = start_writer(place, 1 + PER_WRITER / 2, 1 + PER_WRITER * 2, 0);
	assert_int_equal(end_writer(&first), PER_WRITER);
	assert_int_equal(end_writer(&second), PER_WRITER * 3 / 2);
	store_place_reopen(place, 0);
	store_place_check(place);

	store_place_open((void **)&alone);
	struct outcomes outcomes = { { 0 } };
	for (guint32 i = 1; i < 1 + PER_WRITER * 2; i++)
		store_place_send(alone, random_document(i, PLACE_TODAY), &outcomes);
	store_place_flush(alone);
	assert_int_equal(store_place_number(place, "SELECT reports FROM state"), PER_WRITER * 2);
	assert_int_equal(store_place_number(place, "SELECT sum(messages) FROM source_day"),
			 store_place_number(alone, "SELECT sum(messages) FROM source_day"));
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM source_day"),
			 store_place_number(alone, "SELECT count(*) FROM source_day"));
	store_place_close((void **)&alone);
}

static void
a_writer_beside_a_killed_one_catches_up_for_it(void **state)
{
	struct store_place *place = *state;

	store_place_shut(place);
	struct child first = start_writer(place, 1, MANY, 0);
	struct child second = start_writer(place, MANY, MANY + PER_WRITER, 0);
	g_usleep(150000);
	kill(first.pid, SIGKILL);
	guint stored = end_writer(&first) + end_writer(&second);
	store_place_reopen(place, 0);
	store_place_check(place);
	assert_true(store_place_number(place, "SELECT reports FROM state") >= stored);
}

static void
a_full_disk_acknowledges_nothing_that_is_not_stored(void **state)
{
	struct store_place *place = *state;

	store_place_shut(place);
	struct child child = start_writer(place, 1, MANY, FULL_BYTES);
	guint stored = end_writer(&child);
	assert_true(stored > 0);
	assert_true(stored < MANY - 1);
	store_place_reopen(place, 0);
	store_place_check(place);
	assert_true(store_place_number(place, "SELECT count(*) FROM report") >= stored);
	/* With room again, all of it goes in. */
	store_place_shut(place);
	child = start_writer(place, 1, MANY, 0);
	assert_int_equal(end_writer(&child), MANY - 1);
	store_place_reopen(place, 0);
	store_place_check(place);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM report"), MANY - 1);
}

static void
waiting_for_space_ends_when_told_to_give_up(void **state)
{
	struct store_place *place = *state;
	struct child child;
	int fds[2];

	store_place_shut(place);
	assert_int_equal(pipe(fds), 0);
	child = (struct child){ fork(), fds[PARENT_READS] };
	if (child.pid == 0) {
		const struct rlimit limit = { 4096, 4096 };
		store_place_reopen(place, 0);
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		close(fds[PARENT_READS]);
		write_reports(place, 1, 20, fds[CHILD_WRITES]);
		g_usleep(200000);
		gint64 start = g_get_monotonic_time();
		store_give_up(place->store);
		while (store_in_flight(place->store) > 0)
			g_usleep(10000);
		store_place_shut(place);
		_exit(g_get_monotonic_time() - start < 5 * G_USEC_PER_SEC ? 0 : 4);
	}
	close(fds[CHILD_WRITES]);
	assert_int_equal(end_writer(&child), 0);
	store_place_reopen(place, 0);
	store_place_check(place);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_killed_writer_loses_nothing_that_it_acknowledged),
		TEST(two_writers_at_once_stay_exact),
		TEST(a_writer_beside_a_killed_one_catches_up_for_it),
		TEST(a_full_disk_acknowledges_nothing_that_is_not_stored),
		TEST(waiting_for_space_ends_when_told_to_give_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
