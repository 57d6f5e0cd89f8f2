/* SPDX-License-Identifier: MIT */
/*
 * oauth2_answer.h - what a provider answers to a request for a token or a device code: a JSON
 * object (RFC 6749 §5, RFC 8628 §3.2), read without trust. A pure function.
 */
#ifndef INGEST_OAUTH2_ANSWER_H
#define INGEST_OAUTH2_ANSWER_H

#include <glib.h>

#define OAUTH2_ANSWER_LEN_MAX (64 * 1024)
#define OAUTH2_TOKEN_LEN_MAX  (16 * 1024)
#define OAUTH2_TEXT_LEN_MAX   300
#define OAUTH2_EXPIRES_S      300 /* where the provider does not say */
#define OAUTH2_EXPIRES_S_MAX  86400
#define OAUTH2_INTERVAL_S     5 /* RFC 8628 §3.5 */
#define OAUTH2_INTERVAL_S_MAX 60

/* "" = absent. Tokens and codes are printable ASCII without spaces; texts are fit for a terminal.
 */
struct oauth2_answer {
	char *access_token;
	char *refresh_token;
	char *device_code;
	char *user_code;
	char *verification_url; /* verification_uri */
	char *error;
	char *error_description;
	gint64 expires_s;  /* 0 to OAUTH2_EXPIRES_S_MAX */
	gint64 interval_s; /* 1 to OAUTH2_INTERVAL_S_MAX */
};

/*
 * INVALID where the bytes are no JSON object, or a token in it cannot be one; LIMIT where they, or
 * a token, are too long. An answer that is an error of the provider's is an answer. Errors hold
 * nothing of what was read.
 */
gboolean oauth2_answer_read(const char *bytes, gsize len, struct oauth2_answer *ret_answer,
			    GError **error);

/* Text of a provider's, fit for a terminal, cut at OAUTH2_TEXT_LEN_MAX bytes. Caller frees. */
char *oauth2_answer_clean(const char *text);

/* Overwrites tokens and codes. */
void oauth2_answer_clear(struct oauth2_answer *answer);
typedef struct oauth2_answer oauth2_answer_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(oauth2_answer_auto, oauth2_answer_clear)

#endif
