/* SPDX-License-Identifier: MIT */
#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"

#define SELF "/proc/self/exe"

/* Fewer wake-ups; the kernel grants less where its limit for the user is lower. */
#define PIPE_LEN (1 << 20)

/* The end of what it says on standard error that is kept. */
#define SAID_MAX 2000

enum {
	IN,
	OUT,
	ERR,
	N_PIPES,
};

struct piece {
	const guint8 *bytes;
	gsize len;
};

struct child {
	pid_t pid; /* 0 once it is reaped */
	int status;
	int fds[N_PIPES]; /* our ends; -1 when closed */
	struct piece pieces[CHILD_PIECES_MAX];
	guint n_pieces;
	gint64 deadline; /* monotonic microseconds; 0 for none */
	guint seconds;
	guint cpu_seconds;
	gboolean is_late;
	gboolean has_ended; /* its output did */
	GString *said;
};

/* ---- start ---- */

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Not on 0 to 2, which are the child's, even where our own are closed. */
static gboolean
lift_fd(int *fd)
{
	if (*fd > STDERR_FILENO)
		return TRUE;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(*fd);
	*fd = lifted;
	return lifted >= 0;
}

static gboolean
make_pipe(int which, int *ret_ours, int *ret_theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return FALSE;
	*ret_ours = ends[which == IN ? 1 : 0];
	*ret_theirs = ends[which == IN ? 0 : 1];
	if (!lift_fd(ret_ours) || !lift_fd(ret_theirs))
		return FALSE;
	/* Both are wishes: a smaller pipe, or one that is slow to be written, does as well. */
	(void)fcntl(*ret_ours, F_SETPIPE_SZ, PIPE_LEN);
	return fcntl(*ret_ours, F_SETFL, O_NONBLOCK) == 0;
}

/* An errno value, as posix_spawn() gives it. */
static int
spawn(struct child *child, const struct child_options *options, const int theirs[N_PIPES])
{
	/* Dates and words as everywhere, and characters that are UTF-8. */
	static char locale[] = "LC_ALL=C.UTF-8";
	char *const environment[] = { locale, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;

	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < N_PIPES; i++)
		posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
	posix_spawn_file_actions_addclosefrom_np(&actions, N_PIPES);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigfillset(&signals);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int cause = posix_spawn(&child->pid, options->program ? options->program : SELF, &actions,
				&attributes, (char *const *)(guintptr)options->argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (cause != 0)
		child->pid = 0;
	return cause;
}

struct child *
child_start(const struct child_options *options, GError **error)
{
	g_autoptr(child_auto) child = g_new0(struct child, 1);
	int theirs[N_PIPES] = { -1, -1, -1 };
	int cause = 0;

	child->said = g_string_new(NULL);
	for (int i = 0; i < N_PIPES; i++)
		child->fds[i] = -1;
	for (int i = 0; i < N_PIPES && cause == 0; i++)
		if (!make_pipe(i, &child->fds[i], &theirs[i]))
			cause = errno;
	if (cause == 0)
		cause = spawn(child, options, theirs);
	for (int i = 0; i < N_PIPES; i++)
		close_fd(&theirs[i]);
	if (cause == 0)
		return g_steal_pointer(&child);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "cannot start %s %s: %s",
		    options->program ? options->program : "a process of", options->argv[0],
		    g_strerror(cause));
	return NULL;
}

void
child_follow_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* ---- end ---- */

/* FALSE: it still runs. */
static gboolean
reap(struct child *child, int flags)
{
	pid_t result;

	if (child->pid == 0)
		return TRUE;
	do {
		result = waitpid(child->pid, &child->status, flags);
	} while (result < 0 && errno == EINTR);
	if (result == 0)
		return FALSE;
	child->pid = 0;
	return TRUE;
}

static void
kill_and_reap(struct child *child)
{
	if (child->pid == 0)
		return;
	kill(child->pid, SIGKILL);
	reap(child, 0);
}

void
child_free(struct child *child)
{
	if (!child)
		return;
	for (int i = 0; i < N_PIPES; i++)
		close_fd(&child->fds[i]);
	kill_and_reap(child);
	g_string_free(child->said, TRUE);
	g_free(child);
}

/* TRUE: there was something, and may be more. */
static gboolean
read_said(struct child *child)
{
	char buffer[4096];

	if (child->fds[ERR] < 0)
		return FALSE;
	gssize n = read(child->fds[ERR], buffer, sizeof(buffer));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&child->fds[ERR]);
	if (n <= 0)
		return FALSE;
	g_string_append_len(child->said, buffer, n);
	if (child->said->len > SAID_MAX)
		g_string_erase(child->said, 0, (gssize)(child->said->len - SAID_MAX));
	return TRUE;
}

/* The last line that says anything, cleaned; "" for none. */
static char *
last_line(const struct child *child)
{
	g_auto(GStrv) lines = g_strsplit(child->said->str, "\n", -1);
	GString *text = g_string_new(NULL);

	for (guint i = g_strv_length(lines); i > 0 && text->len == 0; i--)
		text_clean(lines[i - 1], strlen(lines[i - 1]), text);
	return g_string_free(text, FALSE);
}

static char *
how_it_ended(const struct child *child)
{
	if (child->is_late)
		return g_strdup_printf("ran over max_parse_seconds (%u)", child->seconds);
	if (WIFSIGNALED(child->status) && WTERMSIG(child->status) == SIGXCPU)
		return g_strdup_printf("ran over max_parse_cpu_seconds (%u), signal %d (SIGXCPU)",
				       child->cpu_seconds, SIGXCPU);
	if (WIFSIGNALED(child->status)) {
		const char *name = sigabbrev_np(WTERMSIG(child->status));
		return g_strdup_printf("killed by signal %d (SIG%s)", WTERMSIG(child->status),
				       name ? name : "?");
	}
	return g_strdup_printf("ended with exit code %d", WEXITSTATUS(child->status));
}

char *
child_end(struct child *child)
{
	/* It may have died by itself, and the signal is what one wants to know: give it a moment,
	 * since its pipes are closed before it can be reaped. */
	for (int i = 0; child->has_ended && i < 50 && !reap(child, WNOHANG); i++)
		g_usleep(1000);
	kill_and_reap(child);
	while (read_said(child))
		;
	g_autofree char *line = last_line(child);
	g_autofree char *how = how_it_ended(child);
	return *line ? g_strdup_printf("%s: %s", how, line) : g_steal_pointer(&how);
}

gboolean
child_dismiss(struct child *child, guint seconds)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;

	close_fd(&child->fds[IN]);
	while (!reap(child, WNOHANG)) {
		if (g_get_monotonic_time() >= deadline) {
			kill_and_reap(child);
			return FALSE;
		}
		g_usleep(1000);
	}
	return TRUE;
}

/* ---- questions and answers ---- */

/*
 * Its CPU time is bounded from out here, so that it cannot raise the bound: what it has used, and
 * so many seconds more.
 */
static void
bound_cpu(const struct child *child)
{
	clockid_t clock;
	struct timespec used;

	if (clock_getcpuclockid(child->pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return;
	struct rlimit limit;
	if (prlimit(child->pid, RLIMIT_CPU, NULL, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (child->cpu_seconds > 0)
		limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)used.tv_sec + child->cpu_seconds + 1);
	prlimit(child->pid, RLIMIT_CPU, &limit, NULL);
}

void
child_begin(struct child *child, guint seconds, guint cpu_seconds)
{
	child->n_pieces = 0;
	child->seconds = seconds;
	child->deadline = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
	if (child->cpu_seconds != 0 || cpu_seconds != 0) {
		child->cpu_seconds = cpu_seconds;
		bound_cpu(child);
	}
}

void
child_send(struct child *child, gconstpointer bytes, gsize len)
{
	g_assert(child->n_pieces < CHILD_PIECES_MAX);
	if (len > 0)
		child->pieces[child->n_pieces++] = (struct piece){ bytes, len };
}

/* A child that reads no more is found out by its output. */
static void
write_some(struct child *child)
{
	while (child->n_pieces > 0) {
		struct piece *piece = &child->pieces[0];
		gssize n = write(child->fds[IN], piece->bytes, piece->len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			child->n_pieces = 0;
			close_fd(&child->fds[IN]);
			return;
		}
		piece->bytes += n;
		piece->len -= (gsize)n;
		if (piece->len == 0) {
			child->n_pieces--;
			memmove(child->pieces, child->pieces + 1,
				child->n_pieces * sizeof(*child->pieces));
		}
	}
}

static void
wait_for_child(struct child *child)
{
	struct pollfd polls[N_PIPES] = {
		[IN] = { child->n_pieces > 0 ? child->fds[IN] : -1, POLLOUT, 0 },
		[OUT] = { child->fds[OUT], POLLIN, 0 },
		[ERR] = { child->fds[ERR], POLLIN, 0 },
	};
	gint64 left = child->deadline - g_get_monotonic_time();

	if (poll(polls, N_PIPES, (int)CLAMP(left / 1000 + 1, 0, G_MAXINT)) <= 0)
		return;
	if (polls[IN].revents)
		write_some(child);
	if (polls[ERR].revents)
		read_said(child);
}

static gssize
set_late(struct child *child, GError **error)
{
	child->is_late = TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "ran over max_parse_seconds (%u)",
		    child->seconds);
	return -1;
}

gssize
child_read(gpointer data, guint8 *bytes, gsize len, GError **error)
{
	struct child *child = data;

	write_some(child);
	/* One that never stops talking is late as well. */
	while (g_get_monotonic_time() < child->deadline) {
		gssize n = read(child->fds[OUT], bytes, len);
		if (n >= 0) {
			child->has_ended = n == 0;
			return n;
		}
		if (errno != EAGAIN && errno != EINTR) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "cannot read from the child: %s", g_strerror(errno));
			return -1;
		}
		wait_for_child(child);
	}
	return set_late(child, error);
}

gboolean
child_has_ended(const struct child *child)
{
	return child->has_ended;
}

int
child_exit_code(const struct child *child)
{
	return child->pid == 0 && WIFEXITED(child->status) ? WEXITSTATUS(child->status) : -1;
}

GPid
child_pid(const struct child *child)
{
	return child->pid;
}
