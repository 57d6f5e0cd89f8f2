/* SPDX-License-Identifier: MIT */
/*
 * request.h - one HTTP request as pages see it: method, path, parameters, cookie, body fields.
 *
 * Parameters are percent-decoded, must be UTF-8 without control characters, and are bounded
 * (max_request_params 64, max_param_bytes 1024); a request over a limit never reaches a page.
 * A parameter that is there more than once counts with its first value.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <glib.h>

struct request;

/* Path without suffix (.json, .csv, .xml) and query: "/sources/192.0.2.1". */
const char *request_path(const struct request *request);

/* The value of a query parameter, or NULL where it is absent or empty. */
const char *request_param(const struct request *request, const char *name);

/* The value of a field of a POST body (application/x-www-form-urlencoded), or NULL. */
const char *request_field(const struct request *request, const char *name);

/*
 * The request's own query string with name set to value (NULL removes it), "" or beginning with
 * "?": for links that keep the filter. Always drops "after". Caller frees.
 */
char *request_query_with(const struct request *request, const char *name, const char *value);

/* "10.0.0.1", for rate limits and logs. */
const char *request_peer(const struct request *request);

#endif
