/* SPDX-License-Identifier: MIT */
/*
 * imap_line.h - what an IMAP server says (RFC 3501, RFC 9051), without sockets.
 *
 * Add the bytes that came, ask for responses until there is none. A response is a line with the
 * literals that belong to it. Every size is bounded; what is over a limit is LIMIT with the limit's
 * name, and what is no response is INVALID; after either the connection is of no more use.
 *
 * Owner: the caller. Threads: one per reader.
 */
#ifndef INGEST_IMAP_LINE_H
#define INGEST_IMAP_LINE_H

#include <glib.h>

/* A response without its literals; and how often it may be continued by one. */
#define IMAP_LINE_BYTES_MAX (256 * 1024)
#define IMAP_LITERALS_MAX   1000
#define IMAP_NESTING_MAX    32

enum imap_kind {
	IMAP_CONTINUE, /* + text */
	IMAP_OK,
	IMAP_NO,
	IMAP_BAD,
	IMAP_BYE,
	IMAP_PREAUTH,
	IMAP_CAPABILITY,
	IMAP_LIST,
	IMAP_EXISTS,
	IMAP_EXPUNGE,
	IMAP_FETCH,
	IMAP_OTHER, /* what we have no use for: FLAGS, RECENT, SEARCH, extensions */
};

/* Flags of a mail that we set or heed. */
enum imap_flag {
	IMAP_FLAG_SEEN = 1 << 0,
	IMAP_FLAG_FLAGGED = 1 << 1,
	IMAP_FLAG_DELETED = 1 << 2,
};

/* What a FETCH response says of one mail; has_... tells what it says at all. */
struct imap_fetch {
	gboolean has_uid, has_size, has_flags, has_body;
	guint32 uid;
	guint64 size;      /* RFC822.SIZE; some servers only estimate it */
	guint flags;       /* enum imap_flag */
	gint64 arrived_at; /* INTERNALDATE, Unix seconds; 0 = not said */
	guint64 offset;    /* BODY[]<offset> */
	GString *body;     /* the bytes of BODY[] */
};

struct imap_response {
	enum imap_kind kind;
	GString *tag;            /* "" = untagged */
	guint32 number;          /* EXISTS, EXPUNGE, FETCH: how many, or of which mail */
	GString *code;           /* response code, upper case: "UIDVALIDITY"; "" = none */
	guint32 code_number;     /* "[UIDVALIDITY 17]" */
	GString *text;           /* for people, cleaned; also the names of CAPABILITY */
	struct imap_fetch fetch; /* of FETCH */
	GString *name;           /* of LIST: the mailbox as it is to be named to the server */
	char delimiter;          /* of LIST; 0 = a flat list */
	gboolean is_selectable;  /* of LIST */
};

struct imap_reader;

/* literal_bytes: the longest literal that is taken (limit imap_literal_bytes). */
struct imap_reader *imap_reader_new(gsize literal_bytes);
void imap_reader_free(struct imap_reader *reader);
typedef struct imap_reader imap_reader_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(imap_reader_auto, imap_reader_free)

void imap_reader_add(struct imap_reader *reader, const guint8 *bytes, gsize len);

enum imap_step {
	IMAP_MORE,     /* add bytes */
	IMAP_RESPONSE, /* *ret_response lives until the next call */
	IMAP_FAILED,
};
enum imap_step imap_reader_next(struct imap_reader *reader,
				const struct imap_response **ret_response, GError **error);

/*
 * Names of mailboxes: modified UTF-7 (RFC 3501 §5.1.3). A name that is not well formed stays as it
 * is, for people. Caller frees.
 */
char *imap_name_encode(const char *utf8);
char *imap_name_decode(const char *name);

/* A quoted string. NULL where the text cannot be one: CR, LF, or a byte beyond ASCII. */
char *imap_quote(const char *text);

#endif
