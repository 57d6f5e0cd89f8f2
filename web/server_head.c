/* SPDX-License-Identifier: MIT */
#include "web/server_head.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/ip.h"

/* What the library lets pass and a proxy may have understood otherwise. */
struct header_facts {
	guint n_lengths;
	guint n_encodings;
	guint n_hosts;
	guint64 length;
	gboolean is_length_bad;
	const char *encoding;
};

static enum MHD_Result
note_field(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header_facts *facts = cls;

	(void)kind;
	if (!value)
		value = "";
	if (g_ascii_strcasecmp(name, "Host") == 0)
		facts->n_hosts++;
	if (g_ascii_strcasecmp(name, "Transfer-Encoding") == 0) {
		facts->n_encodings++;
		facts->encoding = value;
	}
	if (g_ascii_strcasecmp(name, "Content-Length") == 0) {
		facts->n_lengths++;
		facts->is_length_bad |=
			!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT64, &facts->length, NULL);
	}
	return MHD_YES;
}

/* Why this request is not read any further, or NULL. */
static const char *
find_ambiguity(const struct header_facts *facts, enum method method)
{
	if (facts->n_encodings > 0 && facts->n_lengths > 0)
		return "Transfer-Encoding and Content-Length are both there.";
	if (facts->n_encodings > 1 || facts->n_lengths > 1 || facts->n_hosts > 1)
		return "A header field is there twice that may be there once.";
	if (facts->n_encodings > 0 && g_ascii_strcasecmp(facts->encoding, "chunked") != 0)
		return "Transfer-Encoding can only be chunked.";
	if (facts->is_length_bad)
		return "Content-Length is not a number.";
	if (method != METHOD_POST && (facts->n_encodings > 0 || facts->length > 0))
		return "Only a form has a body.";
	return NULL;
}

enum method
head_method(const char *name)
{
	if (g_str_equal(name, "GET"))
		return METHOD_GET;
	if (g_str_equal(name, "HEAD"))
		return METHOD_HEAD;
	return g_str_equal(name, "POST") ? METHOD_POST : METHOD_OTHER;
}

static gboolean
read_address(const struct sockaddr *address, struct ip *ret_ip)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(gconstpointer)address;
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(gconstpointer)address;
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	}
	return ip_parse(text, ret_ip);
}

/*
 * Who asks. Behind a proxy on this machine that is whom the proxy saw, which it appends as the last
 * address of X-Forwarded-For.
 */
static void
set_peer(struct MHD_Connection *handle, struct request *request)
{
	const struct sockaddr *address =
		MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	const char *forwarded =
		MHD_lookup_connection_value(handle, MHD_HEADER_KIND, "X-Forwarded-For");
	char text[IP_TEXT_LEN];
	struct ip ip;

	if (!read_address(address, &ip))
		return;
	ip_format(&ip, text);
	if (forwarded && (g_str_has_prefix(text, "127.") || g_str_equal(text, "::1"))) {
		const char *comma = strrchr(forwarded, ',');

		if (ip_parse(comma ? comma + 1 : forwarded, &ip))
			ip_format(&ip, text);
	}
	request_set_peer(request, text);
}

void
head_copy(struct MHD_Connection *handle, struct request *request)
{
	for (guint i = 0; i < N_REQUEST_HEADERS; i++)
		request_set_header(
			request, (enum request_header)i,
			MHD_lookup_connection_value(handle, MHD_HEADER_KIND,
						    request_header_name((enum request_header)i)));
	set_peer(handle, request);
}

const char *
head_check(struct MHD_Connection *handle, enum method method, guint64 *ret_length)
{
	struct header_facts facts = { .n_lengths = 0 };

	MHD_get_connection_values(handle, MHD_HEADER_KIND, note_field, &facts);
	*ret_length = facts.length;
	return find_ambiguity(&facts, method);
}
