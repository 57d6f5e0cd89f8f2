/* SPDX-License-Identifier: MIT */
#include "store/redact.h"

#include "store/address_find.h"

/* Addresses are no longer (RFC 5321 section 4.5.3.1.3). */
#define NEEDLE_LEN_MAX 254
#define TOKEN_DIGITS   8

struct redactor {
	guint8 key[REDACT_KEY_LEN];
	/*
	 * What is looked for, in lower case, and each beginning of it that ends with a word. The
	 * value is what stands in its place, "" for what is a beginning alone.
	 */
	GHashTable *needles;
	GString *text;
	GString *word;
};

/* --- Tokens and needles --- */

/* "rcpt-3f9a2c41" */
static char *
make_token(const struct redactor *redactor, const char *address)
{
	g_autofree char *folded = g_utf8_strdown(address, -1);
	g_autofree char *digest = g_compute_hmac_for_string(G_CHECKSUM_SHA256, redactor->key,
							    REDACT_KEY_LEN, folded, -1);

	return g_strdup_printf("rcpt-%.*s", TOKEN_DIGITS, digest);
}

static gboolean
is_word_byte(char byte)
{
	return g_ascii_isalnum(byte) || (guchar)byte >= 0x80;
}

static const char *
word_end(const char *text)
{
	while (is_word_byte(*text))
		text++;
	return text;
}

static const char *
word_begin(const char *text)
{
	while (*text && !is_word_byte(*text))
		text++;
	return text;
}

static void
add_beginning(struct redactor *redactor, const char *text, gsize len, const char *token)
{
	g_autofree char *key = g_ascii_strdown(text, (gssize)len);

	if (*token || !g_hash_table_contains(redactor->needles, key))
		g_hash_table_insert(redactor->needles, g_steal_pointer(&key), g_strdup(token));
}

/* From its first word to its last one. */
static void
add_needle(struct redactor *redactor, const char *text, const char *token)
{
	const char *first = word_begin(text);
	const char *end = word_end(first);

	if (end == first || strlen(first) > NEEDLE_LEN_MAX)
		return;
	for (const char *next = word_begin(end); *next; next = word_begin(end)) {
		add_beginning(redactor, first, (gsize)(end - first), "");
		end = word_end(next);
	}
	add_beginning(redactor, first, (gsize)(end - first), token);
}

/* Names of offices, not of persons (RFC 2142 and custom). */
static gboolean
is_role(const char *local)
{
	static const char *const roles[] = {
		"abuse",   "admin",      "administrator", "all",           "billing",
		"contact", "dmarc",      "hello",         "help",          "hostmaster",
		"info",    "list",       "mail",          "mailer-daemon", "marketing",
		"news",    "newsletter", "no-reply",      "noc",           "noreply",
		"office",  "postmaster", "root",          "sales",         "security",
		"service", "spam",       "support",       "team",          "test",
		"user",    "webmaster",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
		if (g_ascii_strcasecmp(local, roles[i]) == 0)
			return TRUE;
	return FALSE;
}

/* FALSE where the local part alone says nothing. */
static gboolean
add_local(struct redactor *redactor, const char *local, const char *token)
{
	if (strlen(local) < REDACT_LOCAL_MIN || is_role(local))
		return FALSE;
	add_needle(redactor, local, token);
	return TRUE;
}

/* How an address stands in another one, or in a parameter: user=example.org, user%40example.org. */
static const char *const at_signs[] = { "@", "=", "%", "%40", "=40" };

static void
add_recipient(gpointer data, const struct address_found *found)
{
	struct redactor *redactor = data;
	g_autofree char *local = g_strndup(found->local, found->local_len);
	g_autofree char *domain = g_strndup(found->domain, found->domain_len);
	g_autofree char *address = g_strconcat(local, "@", domain, NULL);
	g_autofree char *token = make_token(redactor, address);
	g_autofree char *base = g_strndup(local, strcspn(local, "+"));
	/* The first of them is always looked for, lest another address has the same local part. */
	gsize n = add_local(redactor, local, token) ? 1 : G_N_ELEMENTS(at_signs);

	add_local(redactor, base, token);
	for (gsize i = 0; i < n; i++) {
		g_autofree char *needle = g_strconcat(local, at_signs[i], domain, NULL);
		g_autofree char *stands = g_strconcat(token, at_signs[i], domain, NULL);
		add_needle(redactor, needle, stands);
	}
}

/* A recipient without a domain is one nevertheless. */
static void
add_recipients(struct redactor *redactor, const char *text)
{
	if (strchr(text, '@') || !*text) {
		address_find(text, add_recipient, redactor);
		return;
	}
	g_autofree char *token = make_token(redactor, text);
	add_local(redactor, text, token);
}

/* --- Who they are --- */

static gboolean
is_recipient_field(const char *name, gsize len)
{
	static const char *const names[] = {
		"to",
		"cc",
		"bcc",
		"resent-to",
		"resent-cc",
		"resent-bcc",
		"apparently-to",
		"x-apparently-to",
		"x-to",
		"x-original-to",
		"x-orig-to",
		"x-real-to",
		"x-resolved-to",
		"x-forwarded-to",
		"x-forwarded-for",
		"x-receiver",
	};
	/* X-HmXmrOriginalRecipient, X-Failed-Recipients, X-RCPT-TO, Envelope-To, Delivered-To. */
	static const char *const pieces[] = { "recipient", "rcpt", "envelope-to", "delivered-to" };
	g_autofree char *folded = g_ascii_strdown(name, (gssize)len);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_equal(folded, names[i]))
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++)
		if (strstr(folded, pieces[i]))
			return TRUE;
	return FALSE;
}

/* Received: ... for <local@domain>; */
static void
add_of_received(struct redactor *redactor, const char *value)
{
	for (const char *at = strstr(value, " for "); at; at = strstr(at + 1, " for ")) {
		g_autofree char *word = g_strndup(at + 5, strcspn(at + 5, " ;"));
		address_find(word, add_recipient, redactor);
	}
}

static void
add_of_headers(struct redactor *redactor, const char *headers)
{
	g_auto(GStrv) lines = g_strsplit(headers, "\n", -1);

	for (char **line = lines; *line; line++) {
		const char *colon = strchr(*line, ':');
		if (!colon)
			continue;
		if (is_recipient_field(*line, (gsize)(colon - *line)))
			address_find(colon + 1, add_recipient, redactor);
		else if (g_ascii_strncasecmp(*line, "received:", strlen("received:")) == 0)
			add_of_received(redactor, colon + 1);
	}
}

static void
add_of_texts(struct redactor *redactor, const GPtrArray *texts)
{
	for (guint i = 0; i < texts->len; i++)
		add_recipients(redactor, g_ptr_array_index(texts, i));
}

static void
add_of_bounce(struct redactor *redactor, const struct bounce *bounce)
{
	for (guint i = 0; i < bounce->recipients->len; i++) {
		const struct bounce_recipient *recipient =
			&g_array_index(bounce->recipients, struct bounce_recipient, i);
		add_recipients(redactor, recipient->final_recipient);
		add_recipients(redactor, recipient->original_recipient);
	}
	add_of_texts(redactor, bounce->hint_recipients);
}

struct redactor *
redactor_new(const guint8 key[REDACT_KEY_LEN], const struct document *document)
{
	struct redactor *redactor = g_new0(struct redactor, 1);

	memcpy(redactor->key, key, REDACT_KEY_LEN);
	redactor->needles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	redactor->text = g_string_new(NULL);
	redactor->word = g_string_new(NULL);
	if (document->kind == DOCUMENT_BOUNCE)
		add_of_bounce(redactor, &document->bounce);
	if (document->kind == DOCUMENT_FAILURE || document->kind == DOCUMENT_COMPLAINT) {
		add_of_texts(redactor, document->feedback.original_rcpt_to);
		add_of_headers(redactor, document->feedback.original_headers);
	}
	return redactor;
}

void
redactor_free(struct redactor *redactor)
{
	if (!redactor)
		return;
	g_hash_table_unref(redactor->needles);
	g_string_free(redactor->text, TRUE);
	g_string_free(redactor->word, TRUE);
	g_free(redactor);
}

/* --- Replacing --- */

/* The longest needle that begins here: its end, and what stands in its place. NULL for none. */
static const char *
match_needle(struct redactor *redactor, const char *begin, const char **ret_token)
{
	const char *matched = NULL;
	const char *word = begin;

	g_string_truncate(redactor->word, 0);
	for (;;) {
		const char *end = word_end(word);
		for (const char *at = begin + redactor->word->len; at < end; at++)
			g_string_append_c(redactor->word, g_ascii_tolower(*at));
		const char *token = g_hash_table_lookup(redactor->needles, redactor->word->str);
		if (token && *token) {
			*ret_token = token;
			matched = end;
		}
		word = word_begin(end);
		if (!token || !*word)
			return matched;
	}
}

static void
append_redacted(struct redactor *redactor, const char *text)
{
	const char *at = text;

	while (*at) {
		const char *word = word_begin(at);
		g_string_append_len(redactor->text, at, word - at);
		if (!*word)
			return;
		const char *token = NULL;
		const char *end = match_needle(redactor, word, &token);
		if (token)
			g_string_append(redactor->text, token);
		else
			g_string_append_len(redactor->text, word, word_end(word) - word);
		at = end ? end : word_end(word);
	}
}

const char *
redactor_text(struct redactor *redactor, const char *text)
{
	if (g_hash_table_size(redactor->needles) == 0)
		return text;
	g_string_truncate(redactor->text, 0);
	append_redacted(redactor, text);
	return redactor->text->str;
}

static void
append_address(gpointer data, const struct address_found *found)
{
	struct redactor *redactor = data;
	g_autofree char *address = g_strdup_printf("%.*s@%.*s", (int)found->local_len, found->local,
						   (int)found->domain_len, found->domain);
	g_autofree char *token = make_token(redactor, address);
	gsize len = redactor->text->len;

	if (len > 0 && redactor->text->str[len - 1] != ' ')
		g_string_append(redactor->text, ", ");
	g_string_append_printf(redactor->text, "%s@%.*s", token, (int)found->domain_len,
			       found->domain);
}

/* Addresses alone: what stands around them is a name, or hides one in an encoding. */
static void
append_recipients(struct redactor *redactor, const char *text)
{
	gsize before = redactor->text->len;

	address_find(text, append_address, redactor);
	if (redactor->text->len > before || !*word_begin(text))
		return;
	g_autofree char *token = make_token(redactor, text);
	g_string_append(redactor->text, token);
}

static void
append_headers(struct redactor *redactor, const char *headers)
{
	g_auto(GStrv) lines = g_strsplit(headers, "\n", -1);

	for (char **line = lines; *line; line++) {
		char *colon = strchr(*line, ':');
		if (line != lines)
			g_string_append_c(redactor->text, '\n');
		if (!colon) {
			append_redacted(redactor, *line);
			continue;
		}
		g_string_append_len(redactor->text, *line, colon + 1 - *line);
		g_string_append_c(redactor->text, ' ');
		const char *value = g_strchug(colon + 1);
		if (is_recipient_field(*line, (gsize)(colon - *line)))
			append_recipients(redactor, value);
		else
			append_redacted(redactor, value);
	}
}

/* Words of a list, and domains: no recipient stands there, whatever he is called. */
static void
append_as_it_is(struct redactor *redactor, const char *text)
{
	g_string_append(redactor->text, text);
}

static const struct {
	const char *member;
	void (*append)(struct redactor *redactor, const char *text);
} members[] = {
	{ "original_rcpt_to", append_recipients },
	{ "final_recipient", append_recipients },
	{ "original_recipient", append_recipients },
	{ "hint_recipients", append_recipients },
	{ "original_headers", append_headers },
	{ "feedback_type", append_as_it_is },
	{ "version", append_as_it_is },
	{ "reported_domain", append_as_it_is },
	{ "auth_failure", append_as_it_is },
	{ "delivery_result", append_as_it_is },
	{ "identity_alignment", append_as_it_is },
	{ "dkim_domain", append_as_it_is },
	{ "action", append_as_it_is },
	{ "status", append_as_it_is },
	{ "hint_status", append_as_it_is },
};

static const char *
map(gpointer data, const struct member *member, const char *text)
{
	struct redactor *redactor = data;

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		if (!g_str_equal(member->name, members[i].member))
			continue;
		g_string_truncate(redactor->text, 0);
		members[i].append(redactor, text);
		return redactor->text->str;
	}
	return redactor_text(redactor, text);
}

struct noun_mapper
redactor_mapper(struct redactor *redactor)
{
	return (struct noun_mapper){ map, redactor };
}
