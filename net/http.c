/* SPDX-License-Identifier: MIT */
#include "net/http.h"

#include <string.h>

#include "net/loopback.h"
#include "net/transfer.h"

#define AGENT "dmarcd/" DMARCD_VERSION

static const struct transfer_cure cures[] = {
	{ CURLE_WRITE_ERROR, DMARCD_ERROR_LIMIT, "the answer is too long" },
	{ CURLE_SSL_CONNECT_ERROR, DMARCD_ERROR_AGAIN, "no TLS: check host and port in url" },
};

struct sink {
	GString *body;
	gsize len_max;
};

gboolean
http_check_url(const char *url, const char *option, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	if (host && *host && !g_uri_get_userinfo(uri) &&
	    (g_str_equal(g_uri_get_scheme(uri), "https") ||
	     (g_str_equal(g_uri_get_scheme(uri), "http") && loopback_is_host(host))))
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "%s must be https://HOST[:PORT]/PATH (http:// is for this very host only)",
		    option);
	return FALSE;
}

/* Grown by copying, so that what is left behind can be overwritten. */
static void
append(GString *body, const char *bytes, gsize len)
{
	if (body->len + len >= body->allocated_len) {
		GString *larger = g_string_sized_new((body->len + len) * 2);
		g_string_append_len(larger, body->str, (gssize)body->len);
		GString old = *body;
		*body = *larger;
		*larger = old;
		explicit_bzero(larger->str, larger->len);
		g_string_free(larger, TRUE);
	}
	g_string_append_len(body, bytes, (gssize)len);
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *cookie)
{
	struct sink *sink = cookie;
	gsize len = size * n;

	if (len > sink->len_max - sink->body->len)
		return 0;
	append(sink->body, bytes, len);
	return len;
}

/* Over HTTP a proxy would see all of it; there the host is this one and needs none. */
static void
set_request(CURL *curl, const struct http_request *request, struct sink *sink)
{
	gboolean is_secure = g_str_has_prefix(request->url, "https:");

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, is_secure ? "https" : "http");
	if (!is_secure)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, AGENT);
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->form);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(request->form));
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
}

gboolean
http_post(const struct http_request *request, struct http_answer *ret_answer, GError **error)
{
	char reason[CURL_ERROR_SIZE] = "";
	const struct transfer_options options = {
		.url = request->url,
		.ca_file = request->ca_file,
		.seconds = request->timeout_s,
		.cancel = request->cancel,
		.reason = reason,
	};
	g_auto(http_answer_auto) answer = { 0, g_string_new(NULL) };
	struct sink sink = { answer.body, request->body_len_max };
	long status = 0;

	if (!http_check_url(request->url, "url", error))
		return FALSE;
	CURL *curl = transfer_new(&options);
	set_request(curl, request, &sink);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (code != CURLE_OK) {
		struct transfer_cure cure = transfer_cure_of(code, cures, G_N_ELEMENTS(cures));
		g_set_error(error, DMARCD_ERROR, (gint)cure.error, "%s: %s (%s)", request->url,
			    cure.text, *reason ? reason : curl_easy_strerror(code));
		return FALSE;
	}
	answer.status = (guint)status;
	*ret_answer = answer;
	answer.body = NULL;
	return TRUE;
}

void
http_answer_clear(struct http_answer *answer)
{
	if (!answer->body)
		return;
	explicit_bzero(answer->body->str, answer->body->len);
	g_string_free(answer->body, TRUE);
	answer->body = NULL;
}
