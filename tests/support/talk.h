/* SPDX-License-Identifier: MIT */
/*
 * talk.h - a web server with a store of its own and a few pages, and conversations with it.
 *
 * The pages: /list (TALK_ROWS rows, also CSV and POST), /list/ANYTHING (absent), /broken?code=N
 * (fails with that DMARCD_ERROR), and those of the house itself.
 */
#ifndef TESTS_SUPPORT_TALK_H
#define TESTS_SUPPORT_TALK_H

#include <glib.h>

#include "store/store.h"
#include "web/web.h"

#define TALK_ROWS 2500

struct place {
	struct store *store;
	struct web *web;
	char *folder;
	char *cookie; /* "Cookie: ...\r\n" of a session, once one was opened */
};

/* How often a handler of the list has run since talk_open(). */
extern guint talk_runs;

/* For cmocka's setup and teardown: *state is a struct place. */
int talk_open(void **state);
int talk_close(void **state);

/* A connection to the server; the caller closes it. */
int talk_connect(const struct place *place);

/* Send text on a connection of its own, and read until the server ends it. Caller frees. */
char *talk_bytes(const struct place *place, const char *text);

/* Send "METHOD target" with further header lines, and a form where body is not NULL. */
char *talk_ask(const struct place *place, const char *line, const char *headers, const char *body);

/* The value of a header field of answer. Caller frees. */
char *talk_field(const char *answer, const char *name);

/* Open a session by a link, as an administrator does; talk_ask() then sends its cookie. */
void talk_sign_in(struct place *place);

/* The form token of the session. Caller frees. */
char *talk_token(const struct place *place);

#endif
