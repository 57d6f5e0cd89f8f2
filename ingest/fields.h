/* SPDX-License-Identifier: MIT */
/*
 * fields.h - a block of header-like fields: of a mail, a feedback report, a delivery status.
 *
 * Values are unfolded and cleaned (core/text), not decoded from RFC 2047; names are lower case.
 * What is no field is passed over, since reporters put blank, quoted and "From " lines everywhere.
 * A block ends with an empty line; at most FIELDS_MAX fields of it are kept.
 *
 * Owner: the caller; texts live as long as the struct. Threads: one.
 */
#ifndef INGEST_FIELDS_H
#define INGEST_FIELDS_H

#include <glib.h>

#define FIELDS_MAX 12000

struct field {
	const char *name;  /* lower case: "source-ip" */
	const char *label; /* as it was written: "Source-IP" */
	const char *value; /* "" for an empty one */
};

struct fields {
	GArray *list; /* struct field, in the order of the block */
	GStringChunk *strings;
};

struct fields *fields_new(void);
void fields_free(struct fields *fields);
typedef struct fields fields_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fields_auto, fields_free)

/* value may be folded. */
void fields_add(struct fields *fields, const char *name, const char *value, gsize len);

/*
 * Add the first block of bytes; empty lines before it are skipped. Returns how many bytes were
 * read, the empty line behind it included.
 */
gsize fields_read(struct fields *fields, const guint8 *bytes, gsize len);

/* The first value of this name (lower case), "" for none. */
const char *fields_get(const struct fields *fields, const char *name);

#endif
