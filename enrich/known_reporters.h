/* SPDX-License-Identifier: MIT */
/*
 * known_reporters.h - receivers that are known to send reports, and whether the mail of one may be
 * counted at once.
 *
 * A row names a reporter by the domain that the report mail authenticated for, never by org_name.
 * Where other people can send authenticated mail from the domain too (customers, freemail users),
 * the address counts and not the domain.
 *
 * Owner: reporters live as long as the table. Threads: any.
 */
#ifndef ENRICH_KNOWN_REPORTERS_H
#define ENRICH_KNOWN_REPORTERS_H

#include <glib.h>

#include "core/sender.h"

struct known_reporter {
	const char *domain;
	const char *name;
	const char *country; /* ISO 3166 */
	GStrv report_from; /* addresses that send the reports; "user@*.domain" for any host below */
	gboolean is_shared;
	enum confidence confidence;
};

struct known_reporters;

struct known_reporters *known_reporters_new_builtin(void);

/* TSV with the columns of schema/known_reporters.tsv. INVALID or LIMIT with the line. */
struct known_reporters *known_reporters_read(const char *bytes, gsize len, GError **error);
void known_reporters_free(struct known_reporters *reporters);
typedef struct known_reporters known_reporters_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(known_reporters_auto, known_reporters_free)

/* The row for domain or the nearest above it, or NULL. One row is one reporter. */
const struct known_reporter *known_reporters_find(const struct known_reporters *reporters,
						  const char *domain);

/*
 * Is a reporter established by its row alone? from is the address in From of a mail that was
 * authenticated, aligned with From, for the row's domain or one below it.
 */
gboolean known_reporter_is_established(const struct known_reporter *reporter, const char *from);

guint known_reporters_n(const struct known_reporters *reporters);

#endif
