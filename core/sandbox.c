/* SPDX-License-Identifier: MIT */
#include "core/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <seccomp.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

/* Standard input, output and error. */
#define N_FILES 3

struct sandbox {
	gsize memory;
	struct sandbox_state *state;
};

static const char *const layer_names[N_SANDBOX_LAYERS] = {
	[SANDBOX_NO_NEW_PRIVS] = "no_new_privs",
	[SANDBOX_LANDLOCK] = "landlock",
	[SANDBOX_RLIMITS] = "rlimits",
	[SANDBOX_SECCOMP] = "seccomp",
};

const char *
sandbox_layer_name(enum sandbox_layer layer)
{
	return layer_names[layer];
}

__attribute__((format(printf, 4, 5))) static void
set_state(struct sandbox *s, enum sandbox_layer layer, gboolean is_live, const char *format, ...)
{
	va_list args;

	s->state->is_live[layer] = is_live;
	va_start(args, format);
	g_vsnprintf(s->state->why[layer], SANDBOX_WHY_LEN, format, args);
	va_end(args);
}

static void
leave_out(struct sandbox *s, enum sandbox_layer layer, const char *why)
{
	set_state(s, layer, FALSE, "%s", why);
	s->state->is_left_out[layer] = TRUE;
}

/* ---- no_new_privs ---- */

static void
enter_no_new_privs(struct sandbox *s)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		set_state(s, SANDBOX_NO_NEW_PRIVS, TRUE, "no program it starts gains a right");
	else
		set_state(s, SANDBOX_NO_NEW_PRIVS, FALSE, "%s; use a kernel of 3.5 or later",
			  g_strerror(errno));
}

/* ---- Landlock ---- */

/* The kernel's struct landlock_ruleset_attr as of ABI 6; Debian 12's header has the first member.
 */
struct ruleset {
	guint64 handled_access_fs;
	guint64 handled_access_net;
	guint64 scoped;
};

/* What an ABI can deny, as bits from 0 on: all of it is denied. */
struct abi {
	int version;
	guint fs_bits;
	guint net_bits;
	guint scope_bits;
};

static const struct abi abis[] = {
	{ 1, 13, 0, 0 }, { 2, 14, 0, 0 }, { 3, 15, 0, 0 },
	{ 4, 15, 2, 0 }, { 5, 16, 2, 0 }, { 6, 16, 2, 2 },
};

static guint64
bits(guint n)
{
	return (G_GUINT64_CONSTANT(1) << n) - 1;
}

static gboolean
restrict_self(const struct ruleset *ruleset)
{
	int fd = (int)syscall(SYS_landlock_create_ruleset, ruleset, sizeof(*ruleset), 0);

	if (fd < 0)
		return FALSE;
	int result = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	int cause = errno;
	close(fd);
	errno = cause;
	return result == 0;
}

static void
enter_landlock(struct sandbox *s)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	const struct abi *abi = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(abis); i++)
		if (abis[i].version <= version)
			abi = &abis[i];
	if (!abi) {
		set_state(s, SANDBOX_LANDLOCK, FALSE,
			  "%s; use a kernel of 5.13 or later with lsm=landlock among its boot "
			  "options, and a container runtime that lets it through",
			  g_strerror(errno));
		return;
	}
	const struct ruleset ruleset = { bits(abi->fs_bits), bits(abi->net_bits),
					 bits(abi->scope_bits) };
	if (restrict_self(&ruleset))
		set_state(s, SANDBOX_LANDLOCK, TRUE, "ABI %ld: no files%s%s", version,
			  abi->net_bits ? ", no TCP" : "", abi->scope_bits ? ", no signals" : "");
	else
		set_state(s, SANDBOX_LANDLOCK, FALSE,
			  "%s; see whether the container runtime lets landlock_restrict_self "
			  "through",
			  g_strerror(errno));
}

/* ---- rlimits ---- */

struct limit {
	__rlimit_resource_t resource;
	rlim_t value;
	const char *name;
};

static void
enter_rlimits(struct sandbox *s)
{
	const struct limit limits[] = {
		{ RLIMIT_NOFILE, N_FILES, "RLIMIT_NOFILE" }, { RLIMIT_FSIZE, 0, "RLIMIT_FSIZE" },
		{ RLIMIT_CORE, 0, "RLIMIT_CORE" },           { RLIMIT_NPROC, 0, "RLIMIT_NPROC" },
		{ RLIMIT_AS, s->memory, "RLIMIT_AS" },
	};
	gboolean has_memory = s->memory > 0 && !HAS_SANITIZER;

	for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
		const struct rlimit value = { limits[i].value, limits[i].value };
		if (limits[i].resource == RLIMIT_AS && !has_memory)
			continue;
		if (setrlimit(limits[i].resource, &value) != 0) {
			set_state(s, SANDBOX_RLIMITS, FALSE, "%s: %s; raise the hard limit",
				  limits[i].name, g_strerror(errno));
			return;
		}
	}
	if (has_memory)
		set_state(s, SANDBOX_RLIMITS, TRUE, "%" G_GSIZE_FORMAT " MiB of memory",
			  s->memory >> 20);
	else
		set_state(s, SANDBOX_RLIMITS, TRUE, "without a limit on memory");
}

/* ---- seccomp ---- */

static const int allowed[] = {
	SCMP_SYS(read),         SCMP_SYS(write),          SCMP_SYS(close),
	SCMP_SYS(munmap),       SCMP_SYS(mremap),         SCMP_SYS(brk),
	SCMP_SYS(madvise),      SCMP_SYS(futex),          SCMP_SYS(clock_gettime),
	SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom),
	SCMP_SYS(getpid),       SCMP_SYS(gettid),
};

/* Nobody but an attacker asks for these in here. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(capset),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(reboot),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
};

static gboolean
add_plain_rules(scmp_filter_ctx filter)
{
	int failed = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(allowed); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (gsize i = 0; i < G_N_ELEMENTS(deadly); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	return failed == 0;
}

/*
 * Memory may be had, but none to run as code. A file may be asked for in vain (a locale, a
 * converter), but not to be written. abort() sends its signal to itself. pthread_create() falls
 * back from clone3(), whose flags cannot be seen, to clone().
 */
static gboolean
add_fine_rules(scmp_filter_ctx filter)
{
	int failed = 0;

	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	for (guint64 how = O_WRONLY; how <= O_RDWR; how++) {
		failed |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(open), 1,
					   SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE, how));
		failed |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 1,
					   SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, how));
	}
	failed |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(creat), 0);
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	failed |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(tgkill), 1,
				   SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
	failed |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return failed == 0;
}

static void
enter_seccomp(struct sandbox *s)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int result = -ENOMEM;

	if (filter) {
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
		/* A tree: each read and write passes through here. */
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
		result = -EINVAL;
		if (add_plain_rules(filter) && add_fine_rules(filter))
			result = seccomp_load(filter);
		seccomp_release(filter);
	}
	if (result == 0)
		set_state(s, SANDBOX_SECCOMP, TRUE, "%u system calls",
			  (guint)G_N_ELEMENTS(allowed) + 2);
	else
		set_state(s, SANDBOX_SECCOMP, FALSE,
			  "%s; use a kernel with CONFIG_SECCOMP_FILTER, and a container runtime "
			  "that lets seccomp through",
			  g_strerror(-result));
}

void
sandbox_enter(enum sandbox_profile profile, gsize memory, struct sandbox_state *ret_state)
{
	struct sandbox s = { memory, ret_state };
	static const struct sandbox_state nothing;

	*ret_state = nothing;
	if (profile == SANDBOX_NONE) {
		for (enum sandbox_layer layer = 0; layer < N_SANDBOX_LAYERS; layer++)
			leave_out(&s, layer, "switched off");
		return;
	}
	enter_no_new_privs(&s);
	enter_landlock(&s);
	enter_rlimits(&s);
	/* Last: it forbids what the others are put on with. */
	if (HAS_SANITIZER)
		leave_out(&s, SANDBOX_SECCOMP, "left out: this is a build with a sanitizer");
	else
		enter_seccomp(&s);
}
