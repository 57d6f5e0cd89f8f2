/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - lock the calling process in: what it has is all it will ever have.
 *
 * Four layers, each worth having alone: no_new_privs (no set-uid program helps it), Landlock (no
 * file, no TCP, no signal to others), rlimits (no new file descriptor, no growing file, no core, no
 * process, bounded memory) and seccomp (a short list of system calls). What only an attacker asks
 * for ends the process with SIGSYS; all else that is not on the list fails with EPERM, so that
 * another libc does not turn a harmless call into an outage.
 *
 * A kernel or container may lack a layer: the others are put on, and the state says what is missing
 * and how to mend it. Builds with a sanitizer leave out seccomp and the limit on memory.
 *
 * Threads: call it in a process with one thread. There is no way back.
 */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include <glib.h>

enum sandbox_profile {
	SANDBOX_NONE,   /* nothing at all: --no-sandbox, tests */
	SANDBOX_PARSER, /* reads and writes what is open, computes, allocates */
};

enum sandbox_layer {
	SANDBOX_NO_NEW_PRIVS,
	SANDBOX_LANDLOCK,
	SANDBOX_RLIMITS,
	SANDBOX_SECCOMP,
	N_SANDBOX_LAYERS,
};

#define SANDBOX_WHY_LEN 160

struct sandbox_state {
	gboolean is_live[N_SANDBOX_LAYERS];
	/* Left out on purpose, by the profile or the build: nothing to mend. */
	gboolean is_left_out[N_SANDBOX_LAYERS];
	/* What is live ("ABI 7"), or why it is not and how to mend it. */
	char why[N_SANDBOX_LAYERS][SANDBOX_WHY_LEN];
};

/* "no_new_privs", "landlock", "rlimits", "seccomp". */
const char *sandbox_layer_name(enum sandbox_layer layer);

/* memory: bytes of address space (limit max_worker_memory), 0 for no limit. */
void sandbox_enter(enum sandbox_profile profile, gsize memory, struct sandbox_state *ret_state);

#endif
