/* SPDX-License-Identifier: MIT */
/*
 * rogue - dmarcd whose workers do what a mail tells them, as if its bytes had taken over the
 * parser.
 *
 * It is the shipped code, linked with --wrap: a worker's parse() looks for "X-Rogue: WORD" first,
 * and the parent's posix_spawn() fails while the file $ROGUE_NO_SPAWN is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/command.h"
#include "ingest/parse.h"

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker asks for these names */
struct parsed *__real_parse(GBytes *bytes, const struct parse_limits *limits, gint64 now);
struct parsed *__wrap_parse(GBytes *bytes, const struct parse_limits *limits, gint64 now);
int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[],
		       char *const environment[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[],
		       char *const environment[]);

#define BIG       (G_GINT64_CONSTANT(1) << 30)
#define SLOW_S    2
#define FLOOD_LEN 65536

/* Each gives 0, or -1 and errno, or does not come back. */

static int
try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int
try_write(void)
{
	return open("/tmp/rogue-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int
try_connect(void)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? fd : connect(fd, (const struct sockaddr *)&address, sizeof(address));
}

static int
try_fork(void)
{
	return fork();
}

static int
try_exec(void)
{
	return execl("/bin/true", "true", NULL);
}

static int
try_ptrace(void)
{
	return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int
try_kill(void)
{
	return kill(getppid(), SIGTERM);
}

static int
try_allocate(void)
{
	memset(g_malloc(BIG), 1, BIG);
	return 0;
}

static int
try_loop(void)
{
	for (volatile guint i = 0;; i++)
		;
	return 0;
}

/* Without any use of CPU: for what never comes. */
static int
try_wait(void)
{
	char byte;

	return (int)read(STDIN_FILENO, &byte, 1);
}

static int
try_crash(void)
{
	raise(SIGSEGV);
	return 0;
}

static int
try_lie(void)
{
	static const char lie[] = "\xff\xff\xff\xff";

	return (int)write(STDOUT_FILENO, lie, sizeof(lie));
}

static int
try_flood(void)
{
	static const char flood[FLOOD_LEN];

	while (write(STDERR_FILENO, flood, sizeof(flood)) >= 0)
		;
	return -1;
}

/* Long enough to be killed from outside; then all is well. */
static int
try_slowly(void)
{
	gint64 end = g_get_monotonic_time() + SLOW_S * G_USEC_PER_SEC;

	while (g_get_monotonic_time() < end)
		;
	return 1;
}

struct deed {
	const char *word;
	int (*attempt)(void);
};

static const struct deed deeds[] = {
	{ "open", try_open },         { "write", try_write }, { "connect", try_connect },
	{ "fork", try_fork },         { "exec", try_exec },   { "ptrace", try_ptrace },
	{ "kill", try_kill },         { "loop", try_loop },   { "wait", try_wait },
	{ "crash", try_crash },       { "lie", try_lie },     { "flood", try_flood },
	{ "allocate", try_allocate }, { "slow", try_slowly },
};

static const struct deed *
find_deed(GBytes *bytes)
{
	static const char field[] = "X-Rogue: ";
	gsize len;
	const char *mail = g_bytes_get_data(bytes, &len);
	const char *word = mail ? g_strstr_len(mail, (gssize)len, field) : NULL;

	for (gsize i = 0; word && i < G_N_ELEMENTS(deeds); i++)
		if (g_str_has_prefix(word + strlen(field), deeds[i].word))
			return &deeds[i];
	return NULL;
}

struct parsed *
__wrap_parse(GBytes *bytes, const struct parse_limits *limits, gint64 now)
{
	const struct deed *deed = find_deed(bytes);
	int result = deed ? deed->attempt() : 1;

	if (result > 0)
		return __real_parse(bytes, limits, now);
	struct parsed *parsed = parsed_new();
	parsed_add_fault(
		parsed, FAULT_DAMAGED, g_strdup(deed->word),
		g_strdup_printf("attempt: %s", result < 0 ? g_strerror(errno) : "success"));
	return parsed;
}

int
__wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		   const posix_spawnattr_t *attributes, char *const argv[],
		   char *const environment[])
{
	const char *file = g_getenv("ROGUE_NO_SPAWN");

	if (file && access(file, F_OK) == 0)
		return EAGAIN;
	return __real_posix_spawn(pid, path, actions, attributes, argv, environment);
}
/* NOLINTEND(bugprone-reserved-identifier) */

int
main(int argc, char **argv)
{
	static const struct command *const commands[] = {
		&command_serve, &command_ingest, &command_parse, &command_stats, &command_worker,
	};

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	parse_init();
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++)
		if (g_str_equal(argv[1], commands[i]->name))
			return commands[i]->run(argc - 1, argv + 1);
	return EX_USAGE;
}
