/* SPDX-License-Identifier: MIT */
#include "web/status_lookups.h"

#include "web/figures.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

static char *
sentence(const struct web_lookups *lookups)
{
	if (!lookups->is_enabled)
		return g_strdup(words_get("status.lookups_off"));
	if (*lookups->why)
		return say_text("status.lookups_failing", word_text("why", lookups->why));
	if (lookups->asked_at == 0)
		return g_strdup(words_get("status.lookups_idle"));
	g_autofree char *at = figures_minute(lookups->asked_at);
	g_autofree char *facts = say_text("count.facts", word_count("n", lookups->n_facts));
	g_autofree char *questions = say_text("count.questions", word_count("n", lookups->n_asked));
	return say_text("status.lookups_on", word_text("at", at), word_text("facts", facts),
			word_text("questions", questions));
}

void
status_lookups_fill(struct page *page)
{
	const struct web_hooks *hooks = page->context->hooks;
	struct web_lookups lookups;

	if (!hooks || !hooks->lookups) {
		json_object_set_new(page->root, "lookups", json_null());
		return;
	}
	hooks->lookups(hooks->lookups_data, &lookups);
	json_t *object = json_object();
	json_object_set_new(object, "is_enabled", json_boolean(lookups.is_enabled));
	tree_instant(object, "last_round", lookups.asked_at);
	tree_count(object, "questions", lookups.n_asked);
	tree_count(object, "facts", lookups.n_facts);
	tree_text(object, "reason", lookups.why);
	json_object_set_new(page->root, "lookups", object);
	tree_take(page->root, "_lookups", sentence(&lookups));
}
