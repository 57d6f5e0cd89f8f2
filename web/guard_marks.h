/* SPDX-License-Identifier: MIT */
/*
 * guard_marks.h - the guards of the takedown list as people read them.
 */
#ifndef WEB_GUARD_MARKS_H
#define WEB_GUARD_MARKS_H

#include <glib.h>
#include <jansson.h>

#include "takedown/guards.h"

/* "G6", in buffer, which is returned. */
#define GUARD_NUMBER_LEN 8
const char *guard_marks_number(enum guard guard, char buffer[GUARD_NUMBER_LEN]);

/* What is left out by a guard, in one word: "stale", "unreportable". Not for GUARD_CLASS. */
const char *guard_marks_left(enum guard guard);

/* FALSE where the word is none of these. */
gboolean guard_marks_parse(const char *left, enum guard *ret_guard);

/*
 * The ten of them as a list of: guard ("G6"), state ("holds", "fails", "unknown"), and for HTML
 * _mark, _label (what it asks) and _state (the state in a word). New reference.
 */
json_t *guard_marks_tree(const struct guard_states *states);

/* "✗ fails: recent · ✓ 6 hold · ? not known: contact", without what there is none of. Caller frees.
 */
char *guard_marks_line(const struct guard_states *states);

/* The numbers of those that keep the source off the list, joined with ";"; "" for none. Caller
 * frees. */
char *guard_marks_failed(const struct guard_states *states);

#endif
