/* SPDX-License-Identifier: MIT */
#include "net/transfer.h"

static const struct transfer_cure cures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, DMARCD_ERROR_AGAIN,
	  "the host is unknown: check its name in url, and the name server" },
	{ CURLE_COULDNT_CONNECT, DMARCD_ERROR_AGAIN,
	  "nobody answers: check host and port in url, and firewalls" },
	{ CURLE_OPERATION_TIMEDOUT, DMARCD_ERROR_AGAIN, "the server does not answer in time" },
	{ CURLE_PEER_FAILED_VERIFICATION, DMARCD_ERROR_DENIED,
	  "the server's certificate is not trusted: url must have the name that is in the "
	  "certificate, and where it was not issued by a known authority ca_file must name its "
	  "issuer" },
	{ CURLE_SSL_CACERT_BADFILE, DMARCD_ERROR_DENIED,
	  "ca_file cannot be read: it must hold certificates in PEM" },
	{ CURLE_ABORTED_BY_CALLBACK, DMARCD_ERROR_AGAIN, "stopped" },
};

static const struct transfer_cure *
find_cure(CURLcode code, const struct transfer_cure *table, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (table[i].code == code)
			return &table[i];
	return NULL;
}

struct transfer_cure
transfer_cure_of(CURLcode code, const struct transfer_cure *own, gsize n)
{
	const struct transfer_cure unknown = { code, DMARCD_ERROR_AGAIN, "cannot connect" };
	const struct transfer_cure *cure = find_cure(code, own, n);

	if (!cure)
		cure = find_cure(code, cures, G_N_ELEMENTS(cures));
	return cure ? *cure : unknown;
}

static int
on_progress(void *cookie, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
	    curl_off_t up)
{
	(void)down_total;
	(void)down;
	(void)up_total;
	(void)up;
	return g_cancellable_is_cancelled(cookie);
}

static gpointer
init_library(gpointer unused)
{
	(void)unused;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return NULL;
}

CURL *
transfer_new(const struct transfer_options *options)
{
	static GOnce once = G_ONCE_INIT;

	g_once(&once, init_library, NULL);
	CURL *curl = curl_easy_init();
	g_assert(curl != NULL);
	curl_easy_setopt(curl, CURLOPT_URL, options->url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)options->seconds);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)options->seconds);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (*options->ca_file) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, options->reason);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, options->cancel);
	return curl;
}
