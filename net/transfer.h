/* SPDX-License-Identifier: MIT */
/*
 * transfer.h - what every use of libcurl has in common: a deadline, TLS that is verified, a stop
 * that is heard, and what its errors mean to a person. For net/ only.
 */
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include <curl/curl.h>
#include <gio/gio.h>

#include "core/error.h"

struct transfer_options {
	const char *url;
	const char *ca_file;  /* trust these certificates alone; "" = those of the system */
	guint seconds;        /* deadline of all of it */
	GCancellable *cancel; /* gives up; NULL = nobody does. Outlives the handle */
	char *reason;         /* CURL_ERROR_SIZE bytes that outlive the handle */
};

/* Caller ends it with curl_easy_cleanup(). */
CURL *transfer_new(const struct transfer_options *options);

struct transfer_cure {
	CURLcode code;
	enum dmarcd_error error;
	const char *text; /* static */
};

/* From the caller's own n cures, or else from those that all protocols have; AGAIN for others. */
struct transfer_cure transfer_cure_of(CURLcode code, const struct transfer_cure *own, gsize n);

#endif
