/* SPDX-License-Identifier: MIT */
#include "web/document_tree.h"

#include "core/ip.h"
#include "web/figures.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

static const char *const private_members[] = {
	"original_mail_from", "original_rcpt_to", "original_envelope_id",
	"original_from",      "original_subject", "original_message_id",
	"original_headers",   "final_recipient",  "original_recipient",
	"diagnostic",         "subject",          "hint_recipients",
};

gboolean
document_tree_is_private(const char *member)
{
	for (gsize i = 0; i < G_N_ELEMENTS(private_members); i++)
		if (g_str_equal(member, private_members[i]))
			return TRUE;
	return FALSE;
}

static json_t *
list_of_texts(const GPtrArray *texts)
{
	json_t *list = json_array();

	for (guint i = 0; i < texts->len; i++)
		json_array_append_new(list, json_string(g_ptr_array_index(texts, i)));
	return list;
}

static json_t *
list_of_items(const struct shape *shape, const GArray *items, gboolean shows_samples)
{
	json_t *list = json_array();

	for (guint i = 0; i < items->len; i++)
		json_array_append_new(list, document_tree_noun(shape, items->data + i * shape->size,
							       shows_samples));
	return list;
}

static void
add_number(json_t *object, const char *name, const struct number *number)
{
	if (!number->is_known)
		json_object_set_new(object, name, json_null());
	else if (g_str_has_suffix(name, "_at"))
		tree_take(object, name, figures_instant(number->value));
	else
		tree_count(object, name, number->value);
}

static void
add_ip(json_t *object, const char *name, const struct ip *ip)
{
	char text[IP_TEXT_LEN];

	tree_text(object, name, ip_is_none(ip) ? NULL : ip_format(ip, text));
}

static void
add_member(json_t *object, const struct member *member, gconstpointer at, gboolean shows_samples)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		tree_text(object, member->name, *(const char *const *)at);
		break;
	case MEMBER_TEXTS:
		json_object_set_new(object, member->name, list_of_texts(*(GPtrArray *const *)at));
		break;
	case MEMBER_NUMBER:
		add_number(object, member->name, at);
		break;
	case MEMBER_FLAG:
		tree_flag(object, member->name, *(const gboolean *)at);
		break;
	case MEMBER_IP:
		add_ip(object, member->name, at);
		break;
	case MEMBER_ITEMS:
		json_object_set_new(
			object, member->name,
			list_of_items(member->items, *(GArray *const *)at, shows_samples));
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

json_t *
document_tree_noun(const struct shape *shape, gconstpointer noun, gboolean shows_samples)
{
	json_t *object = json_object();

	for (gsize i = 0; i < shape->n_members; i++) {
		const struct member *member = &shape->members[i];
		if (!shows_samples && document_tree_is_private(member->name))
			json_object_set_new(object, member->name, json_null());
		else
			add_member(object, member, (const char *)noun + member->offset,
				   shows_samples);
	}
	return object;
}

json_t *
document_tree(const struct query_document *document, gboolean shows_samples)
{
	const struct document *parsed = document->document;
	json_t *object = json_object();
	json_t *noun =
		document_tree_noun(document_shape(parsed->kind), &parsed->feedback, shows_samples);

	tree_count(object, "id", document->id);
	tree_day(object, "day", document->day);
	tree_instant(object, "received", document->received_at);
	tree_text(object, "reporter", document->reporter);
	tree_text(object, "domain", document->domain);
	tree_text(object, "authenticated", authenticated_name(parsed->carrier.authenticated));
	tree_text(object, "auth_domain", parsed->carrier.auth_domain);
	tree_flag(object, "is_revision", document->is_revision);
	json_object_set_new(object, "revision_of",
			    document->revision_of ? json_integer(document->revision_of)
						  : json_null());
	json_object_update(object, noun);
	json_decref(noun);
	return object;
}

char *
document_tree_authenticated(enum authenticated authenticated, const char *auth_domain)
{
	g_autofree char *key = g_strconcat("authenticated.", authenticated_name(authenticated),
					   auth_domain && *auth_domain ? "_as" : "", NULL);

	return say_text(key, word_text("domain", auth_domain ? auth_domain : ""));
}

void
document_tree_say_hidden(struct page *page)
{
	gboolean is_shown = page_shows_samples(page);

	tree_text(page->root, "recipient_data", is_shown ? "tokens" : "hidden");
	if (!is_shown)
		tree_text(page->root, "_hidden", words_get("documents.hidden"));
}

char *
document_tree_cell(const json_t *value)
{
	GString *text = g_string_new(NULL);
	size_t i;
	json_t *element;

	if (json_is_integer(value))
		return g_string_free(text, TRUE), figures_count(json_integer_value(value));
	if (json_is_boolean(value))
		g_string_append(text, words_get(json_is_true(value) ? "word.yes" : "word.no"));
	if (json_is_string(value))
		g_string_append(text, json_string_value(value));
	json_array_foreach(value, i, element)
	{
		if (json_is_string(element))
			g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
					       json_string_value(element));
	}
	return g_string_free(text, FALSE);
}

static gboolean
is_pair(const struct member *member)
{
	return member->kind != MEMBER_ITEMS && !g_str_equal(member->name, "original_headers");
}

json_t *
document_tree_pairs(const struct shape *shape, const json_t *noun)
{
	json_t *pairs = json_array();

	for (gsize i = 0; i < shape->n_members; i++) {
		const struct member *member = &shape->members[i];
		g_autofree char *key = g_strconcat("member.", member->name, NULL);
		g_autofree char *note = g_strconcat("member_note.", member->name, NULL);
		g_autofree char *value = document_tree_cell(json_object_get(noun, member->name));
		if (!is_pair(member) || !*value)
			continue;
		json_t *pair = json_object();
		tree_text(pair, "label", words_get(key));
		tree_text(pair, "value", value);
		tree_text(pair, "note", words_find(note));
		json_array_append_new(pairs, pair);
	}
	return pairs;
}
