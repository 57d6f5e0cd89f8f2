/* SPDX-License-Identifier: MIT */
#include "enrich/tree_walk.h"

#include <string.h>

#define NAME_LEN_MAX      253
#define LABEL_LEN_MAX     63
#define PARENT_LABELS_MAX (TREE_WALK_QUERIES_MAX - 1)
#define PREFIX            "_dmarc."

enum psd {
	PSD_NO_RECORD,
	PSD_UNKNOWN, /* a record that does not say */
	PSD_NO,
	PSD_YES,
};

struct walk {
	tree_walk_lookup_fn lookup;
	gpointer cookie;
};

/* 0 = no name of DNS. */
static guint
count_labels(const char *name)
{
	guint n = 1;
	gsize label_len = 0;
	gsize len = strnlen(name, NAME_LEN_MAX + 1);

	if (len > NAME_LEN_MAX)
		return 0;
	for (gsize i = 0; i < len; i++) {
		if (name[i] != '.') {
			label_len++;
		} else if (label_len == 0) {
			return 0;
		} else {
			label_len = 0;
			n++;
		}
		if (label_len > LABEL_LEN_MAX)
			return 0;
	}
	return label_len > 0 ? n : 0;
}

/* Is it "name = value" with white space around, and which value? NULL = another tag. */
static const char *
tag_value(char *tag, const char *name)
{
	char *equals = strchr(tag, '=');

	if (!equals)
		return NULL;
	*equals = '\0';
	return g_ascii_strcasecmp(g_strstrip(tag), name) == 0 ? g_strstrip(equals + 1) : NULL;
}

/* RFC 9989 section 4.8: the version stands first, as it is written here. */
static enum psd
read_record(const char *text)
{
	g_auto(GStrv) tags = g_strsplit(text, ";", -1);
	const char *version = tags[0] ? tag_value(tags[0], "v") : NULL;

	if (!version || !g_str_equal(version, "DMARC1"))
		return PSD_NO_RECORD;
	for (gsize i = 1; tags[i]; i++) {
		const char *value = tag_value(tags[i], "psd");
		if (value && g_ascii_strcasecmp(value, "n") == 0)
			return PSD_NO;
		if (value)
			return g_ascii_strcasecmp(value, "y") == 0 ? PSD_YES : PSD_UNKNOWN;
	}
	return PSD_UNKNOWN;
}

/* Section 4.10 step 2: where there is more than one record, there is none. */
static enum psd
read_records(const GPtrArray *texts)
{
	enum psd found = PSD_NO_RECORD;

	for (guint i = 0; i < texts->len; i++) {
		enum psd psd = read_record(g_ptr_array_index(texts, i));
		if (psd == PSD_NO_RECORD)
			continue;
		if (found != PSD_NO_RECORD)
			return PSD_NO_RECORD;
		found = psd;
	}
	return found;
}

/* FALSE = could not be asked. */
static gboolean
ask(const struct walk *walk, const char *at, enum psd *ret_psd)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *name = g_strconcat(PREFIX, at, NULL);

	*ret_psd = PSD_NO_RECORD;
	if (strlen(name) > NAME_LEN_MAX)
		return TRUE;
	switch (walk->lookup(walk->cookie, name, texts)) {
	case LOOKUP_FOUND:
		*ret_psd = read_records(texts);
		return TRUE;
	case LOOKUP_NONE:
		return TRUE;
	case LOOKUP_FAILED:
		break;
	}
	return FALSE;
}

/* Without its n leftmost labels; NULL = none is left. */
static const char *
strip_labels(const char *name, guint n)
{
	for (; name && n > 0; n--) {
		name = strchr(name, '.');
		if (name)
			name++;
	}
	return name;
}

/* With one label more of the name that at is a suffix of. */
static const char *
one_below(const char *name, const char *at)
{
	if (at == name)
		return name;
	for (at--; at > name && at[-1] != '.'; at--)
		;
	return at;
}

/* NULL = a look-up failed. Where a record was met, *has_record is set. */
static const char *
walk_up(const struct walk *walk, const char *name, guint n_labels, gboolean *has_record)
{
	const char *highest = name; /* with a record; the start where none has one */

	for (const char *at = name; at;) {
		enum psd psd;
		if (!ask(walk, at, &psd))
			return NULL;
		*has_record |= psd != PSD_NO_RECORD;
		if (psd == PSD_NO)
			return at;
		if (psd == PSD_YES)
			return one_below(name, at);
		if (psd == PSD_UNKNOWN)
			highest = at;
		gboolean is_long = at == name && n_labels > PARENT_LABELS_MAX;
		at = strip_labels(at, is_long ? n_labels - PARENT_LABELS_MAX : 1);
	}
	return highest;
}

const char *
tree_walk_find(const char *name, tree_walk_lookup_fn lookup, gpointer cookie,
	       gboolean *ret_has_record)
{
	const struct walk walk = { lookup, cookie };
	gboolean has_record = FALSE;
	guint n = count_labels(name);
	const char *found = n > 0 ? walk_up(&walk, name, n, &has_record) : NULL;

	if (ret_has_record)
		*ret_has_record = has_record;
	return found;
}
