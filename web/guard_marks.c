/* SPDX-License-Identifier: MIT */
#include "web/guard_marks.h"

#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

static const char *const left_out[N_GUARDS] = {
	[GUARD_PASSED] = "passed",   [GUARD_FORWARDED] = "overridden",
	[GUARD_OWN] = "services",    [GUARD_ENOUGH] = "few",
	[GUARD_RECENT] = "stale",    [GUARD_CONTACT] = "contact",
	[GUARD_DYNAMIC] = "dynamic", [GUARD_REACHABLE] = "unreportable",
	[GUARD_HEARD] = "unheard",
};

/* In the order in which a line tells them. */
static const struct {
	enum guard_state state;
	const char *name;
	const char *mark;
} marks[] = {
	{ GUARD_STATE_FAILS, "fails", "✗" },
	{ GUARD_STATE_HOLDS, "holds", "✓" },
	{ GUARD_STATE_UNKNOWN, "unknown", "?" },
};

const char *
guard_marks_number(enum guard guard, char buffer[GUARD_NUMBER_LEN])
{
	g_snprintf(buffer, GUARD_NUMBER_LEN, "G%d", (int)guard);
	return buffer;
}

const char *
guard_marks_left(enum guard guard)
{
	return left_out[guard];
}

gboolean
guard_marks_parse(const char *left, enum guard *ret_guard)
{
	for (enum guard guard = GUARD_PASSED; guard < N_GUARDS; guard++) {
		if (g_str_equal(left_out[guard], left)) {
			*ret_guard = guard;
			return TRUE;
		}
	}
	return FALSE;
}

static const char *
guard_word(const char *prefix, const char *name)
{
	g_autofree char *key = g_strconcat(prefix, name, NULL);

	return words_get(key);
}

static json_t *
guard_tree(enum guard guard, enum guard_state state)
{
	json_t *row = json_object();
	char number[GUARD_NUMBER_LEN];

	tree_text(row, "guard", guard_marks_number(guard, number));
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
		if (marks[i].state != state)
			continue;
		tree_text(row, "state", marks[i].name);
		tree_text(row, "_mark", marks[i].mark);
		tree_text(row, "_state", guard_word("guard.state_", marks[i].name));
	}
	tree_text(row, "_label", guard_word("guard.asks_", guard_name(guard)));
	return row;
}

json_t *
guard_marks_tree(const struct guard_states *states)
{
	json_t *list = json_array();

	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		json_array_append_new(list, guard_tree(guard, states->of[guard]));
	return list;
}

/* The short names of the guards in a state. */
static char *
names_in(const struct guard_states *states, enum guard_state state)
{
	GString *names = g_string_new(NULL);

	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		if (states->of[guard] == state)
			g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
					       guard_word("guard.short_", guard_name(guard)));
	return g_string_free(names, FALSE);
}

char *
guard_marks_line(const struct guard_states *states)
{
	GString *line = g_string_new(NULL);
	gint64 n_hold = 0;

	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		n_hold += states->of[guard] == GUARD_STATE_HOLDS;
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
		g_autofree char *names = names_in(states, marks[i].state);
		if (*names == '\0')
			continue;
		g_autofree char *key = g_strconcat("guard.line_", marks[i].name, NULL);
		g_autofree char *what =
			say_text(key, word_count("n", n_hold), word_text("names", names));
		g_autofree char *part = g_strdup_printf("%s %s", marks[i].mark, what);
		say_append(line, part);
	}
	return g_string_free(line, FALSE);
}

char *
guard_marks_failed(const struct guard_states *states)
{
	GString *failed = g_string_new(NULL);
	char number[GUARD_NUMBER_LEN];

	for (enum guard guard = GUARD_CLASS; guard < N_GUARDS; guard++)
		if (!guard_lets_pass(guard, states->of[guard]))
			g_string_append_printf(failed, "%s%s", failed->len > 0 ? ";" : "",
					       guard_marks_number(guard, number));
	return g_string_free(failed, FALSE);
}
