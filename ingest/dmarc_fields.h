/* SPDX-License-Identifier: MIT */
/*
 * dmarc_fields.h - the elements of an aggregate report, one row each, and what their text means.
 *
 * dmarc_xml.c walks the XML and calls these; nobody else does.
 */
#ifndef INGEST_DMARC_FIELDS_H
#define INGEST_DMARC_FIELDS_H

#include <glib.h>

#include "core/document.h"

/* Elements that hold others. */
enum dmarc_group {
	GROUP_NONE, /* outside the root */
	GROUP_FEEDBACK,
	GROUP_METADATA,
	GROUP_DATE_RANGE,
	GROUP_POLICY,
	GROUP_RECORD,
	GROUP_ROW,
	GROUP_EVALUATED,
	GROUP_REASON,
	GROUP_IDENTIFIERS,
	GROUP_AUTH,
	GROUP_DKIM,
	GROUP_SPF,
	N_GROUPS,
};

/* One bit each in the masks below. */
#define DMARC_FIELDS_MAX 64

/* What is being read. Owned by the reader of dmarc_xml.c. */
struct dmarc_state {
	struct document *document;
	struct record record;
	gboolean has_count;
	struct auth_result auth;
	struct reason reason;
	GArray *auths;                        /* struct auth_result of the record */
	GArray *reasons;                      /* struct reason of the record */
	guint64 seen;                         /* fields of the record that were read, by row */
	guint64 seen_in_head;                 /* the same for what stands before the records */
	guint32 last_names[DMARC_FIELDS_MAX]; /* what each field held last */
	gboolean has_metadata;
	gboolean has_begin;
	gboolean has_end;
	guint max_records;
	gboolean is_over_max_records;
	GHashTable *name_index; /* text -> index + 1, of the document's names */
	GHashTable *auth_index; /* GBytes -> set number, likewise */
	GHashTable *reason_index;
	GString *clean; /* scratch */
};

/* An element: where it stands, how it is called, what to do with it. */
struct dmarc_field {
	enum dmarc_group parent;
	const char *name;
	enum dmarc_group group; /* it is a group, or GROUP_NONE */
	/* Its text, whole, before trimming. NULL for groups without text of their own. */
	void (*take)(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		     gsize len);
	gsize offset; /* of what take fills */
};

extern const struct dmarc_field dmarc_fields[];
extern const guint n_dmarc_fields;

void dmarc_state_init(struct dmarc_state *state);
void dmarc_state_clear(struct dmarc_state *state);

/* A new document; what was read before is dropped. */
void dmarc_state_start(struct dmarc_state *state);

void dmarc_group_begin(struct dmarc_state *state, enum dmarc_group group);
void dmarc_group_end(struct dmarc_state *state, enum dmarc_group group);

#endif
