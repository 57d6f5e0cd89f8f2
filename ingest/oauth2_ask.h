/* SPDX-License-Identifier: MIT */
/*
 * oauth2_ask.h - ask a provider one thing, and say what its refusals mean.
 *
 * The form is built field by field; the client's id and secret are added here, as fields of it
 * (RFC 6749 §2.3.1). Secrets in it are overwritten, and never part of an error, even where the
 * provider repeats them.
 *
 * Threads: any; nothing is shared.
 */
#ifndef INGEST_OAUTH2_ASK_H
#define INGEST_OAUTH2_ASK_H

#include <gio/gio.h>

#include "ingest/oauth2_answer.h"
#include "ingest/oauth2_provider.h"

#define OAUTH2_FIELDS_MAX 5

struct oauth2_field {
	const char *name;
	const char *value; /* "" = the field is left out */
	gboolean is_secret;
};

struct oauth2_request {
	const struct oauth2_provider *provider;
	const char *url;
	/* In order, and then a name that is NULL; without those of the client. */
	struct oauth2_field fields[OAUTH2_FIELDS_MAX + 1];
};

/*
 * The answer, be it a refusal (ret_answer->error is then not ""). AGAIN where the provider cannot
 * be reached or has trouble of its own; DENIED where a person has to change something.
 */
gboolean oauth2_ask(const struct oauth2_request *request, GCancellable *cancel,
		    struct oauth2_answer *ret_answer, GError **error);

/* The error that a refusal is: the provider's code, its text, and the cure. */
void oauth2_refuse(const struct oauth2_provider *provider, const struct oauth2_answer *answer,
		   GError **error);

/* oauth2_ask() where a refusal is an error, and so is no access_token. */
gboolean oauth2_ask_token(const struct oauth2_request *request, GCancellable *cancel,
			  struct oauth2_answer *ret_answer, GError **error);

#endif
