/* SPDX-License-Identifier: MIT */
/*
 * guards.h - may this address be reported to its network? Ten conditions, G1 to G10, and an address
 * is on the list for a domain only if all of them hold.
 *
 *   G1  class       unauthorized by rule R8, or a user confirmed it ("spoof")
 *   G2  passed      the address never passed for any owned domain
 *   G3  forwarded   nobody ever called its mail forwarded
 *   G4  own         not in own SPF, not labelled by a user, no known service, and no source of the
 *                   address is held to be yours or a forwarder
 *   G5  enough      5 failing messages, 2 days, 2 reporters, or a failure sample
 *   G6  recent      seen in the last 7 days
 *   G7  contact     somebody to write to, and no open case: not known yet, and so asked of nobody
 *   G8  reachable   a public address
 *   G9  dynamic     no end user's line, unless a failure sample tells the second
 *   G10 heard       an authenticated, established reporter
 *
 * Figures are those of counted reports, so that forged ones put nobody on the list. G2, G3 and G4
 * look at all sources of the address. Pure; threads: any.
 */
#ifndef TAKEDOWN_GUARDS_H
#define TAKEDOWN_GUARDS_H

#include <glib.h>

#include "core/suspect.h"

/* The value is the number in "G1". Stored. */
enum guard {
	GUARD_NONE, /* of one that is left out by no guard: it is on the list */
	GUARD_CLASS,
	GUARD_PASSED,
	GUARD_FORWARDED,
	GUARD_OWN,
	GUARD_ENOUGH,
	GUARD_RECENT,
	GUARD_CONTACT,
	GUARD_REACHABLE,
	GUARD_DYNAMIC,
	GUARD_HEARD,
	N_GUARDS,
};

enum guard_state {
	GUARD_STATE_UNKNOWN,
	GUARD_STATE_HOLDS,
	GUARD_STATE_FAILS,
};

/* "class" ... "heard": the words above. */
const char *guard_name(enum guard guard);

/* May an operator put an address on the list though this guard fails? */
gboolean guard_may_be_overridden(enum guard guard);

/* What the guards say of a source of suspect, by number; states[GUARD_NONE] means nothing. */
struct guard_states {
	enum guard_state of[N_GUARDS];
};
struct guard_states guards_check(const struct suspect *suspect, gsize source,
				 gboolean allow_documentation);

/* Does the guard keep nothing off the list? What is unknown does only where it proves nothing. */
gboolean guard_lets_pass(enum guard guard, enum guard_state state);

/*
 * The one guard that a source is left out by, where lists and sums name one: the first that does
 * not let it pass, GUARD_REACHABLE last; but a source to review that is a known service is left
 * out for that. GUARD_NONE: it is on the list.
 */
enum guard guards_left_out_by(const struct suspect *suspect, gsize source,
			      gboolean allow_documentation);

#endif
