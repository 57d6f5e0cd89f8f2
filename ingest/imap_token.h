/* SPDX-License-Identifier: MIT */
/*
 * imap_token.h - the words of an IMAP response: atoms, numbers, strings, literals, lists.
 *
 * A cursor walks over bytes that it does not own and never leaves them. Each function takes what
 * it is named after and answers FALSE where something else stands there.
 */
#ifndef INGEST_IMAP_TOKEN_H
#define INGEST_IMAP_TOKEN_H

#include <glib.h>

struct imap_cursor {
	const guint8 *at;
	const guint8 *end;
};

/* This very byte. */
gboolean imap_take_byte(struct imap_cursor *cursor, char byte);

/* Some servers put one where none belongs, or two. */
void imap_skip_spaces(struct imap_cursor *cursor);

/* This word in any case, up to a space or the end; takes the space too. */
gboolean imap_take_word(struct imap_cursor *cursor, const char *word);

gboolean imap_take_number(struct imap_cursor *cursor, guint64 max, guint64 *ret_number);

/* An atom: up to a space, a bracket of a list or the end. May not be empty. */
gboolean imap_take_atom(struct imap_cursor *cursor, GString *out);

/* A quoted string, a literal, NIL (which is "") or an atom. */
gboolean imap_take_string(struct imap_cursor *cursor, GString *out);

/* Any value, with what is inside it. */
gboolean imap_skip_value(struct imap_cursor *cursor);

/*
 * The length of the literal that a line of len bytes, without its CRLF, announces at its end.
 * FALSE where it announces none. Too large for a number is G_MAXUINT64.
 */
gboolean imap_literal_at_end(const guint8 *line, gsize len, guint64 *ret_len);

#endif
