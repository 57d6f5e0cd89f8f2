/* SPDX-License-Identifier: MIT */
/*
 * right.h - what a user or a token may do beside seeing the numbers; bits, as the store keeps them.
 */
#ifndef STORE_RIGHT_H
#define STORE_RIGHT_H

#include <glib.h>

enum right {
	RIGHT_RUF_READ = 1 << 0, /* what people wrote to each other: samples, unreadable mails */
	RIGHT_UPLOAD = 1 << 1,   /* hand in mails and report files */
	RIGHT_METRICS = 1 << 2,  /* of tokens: read /metrics, as every user may */
	RIGHT_OPERATOR = 1 << 3, /* rules, approve reporters, mute changes; of a token: rules */
	RIGHTS_ALL = RIGHT_RUF_READ | RIGHT_UPLOAD | RIGHT_OPERATOR,  /* of a user */
	RIGHTS_TOKEN = RIGHT_UPLOAD | RIGHT_METRICS | RIGHT_OPERATOR, /* that a token can have */
};

/* The right of this name ("upload") among those of the set; INVALID lists them. */
gboolean right_find(const char *name, guint of, guint *ret_right, GError **error);

/* "ruf.read,upload". Caller frees. */
char *rights_text(guint bits);

#endif
