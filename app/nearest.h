/* SPDX-License-Identifier: MIT */
/*
 * nearest.h - which name was meant: "did you mean max_mail_bytes?"
 */
#ifndef APP_NEAREST_H
#define APP_NEAREST_H

#include <glib.h>

struct nearest {
	const char *typed;
	const char *name; /* the nearest so far, NULL = none is near enough */
	guint distance;
};

/* Look at one more name. A third of its letters may be wrong, missing, too many or swapped. */
void nearest_try(struct nearest *nearest, const char *name);

/* "; did you mean NAME?", or "". Caller frees. */
char *nearest_hint(const struct nearest *nearest);

#endif
