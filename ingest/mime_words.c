/* SPDX-License-Identifier: MIT */
#include "ingest/mime_words.h"

#include <string.h>

#include <gmime/gmime.h>

#include "core/text.h"

char *
mime_decode_words(const char *value)
{
	g_autofree char *decoded = g_mime_utils_header_decode_text(NULL, value);
	GString *clean = g_string_new(NULL);

	text_clean(decoded, strlen(decoded), clean);
	return g_string_free(clean, FALSE);
}

gboolean
mime_read_date(const char *value, gint64 *ret_at)
{
	g_autoptr(GDateTime) date = *value ? g_mime_utils_header_decode_date(value) : NULL;

	if (!date)
		return FALSE;
	*ret_at = g_date_time_to_unix(date);
	return TRUE;
}

static InternetAddressMailbox *
first_mailbox(InternetAddressList *list)
{
	for (int i = 0; i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_MAILBOX(address))
			return INTERNET_ADDRESS_MAILBOX(address);
	}
	return NULL;
}

char *
mime_read_address(const char *value)
{
	InternetAddressList *list = internet_address_list_parse(NULL, value);
	InternetAddressMailbox *mailbox = list ? first_mailbox(list) : NULL;
	const char *address = mailbox ? internet_address_mailbox_get_addr(mailbox) : NULL;
	GString *clean = g_string_new(NULL);

	if (address)
		text_clean(address, strlen(address), clean);
	g_clear_object(&list);
	return g_string_free(clean, FALSE);
}

char *
mime_domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	GString *domain = g_string_new(at ? at + 1 : "");

	text_fold_domain(domain);
	return g_string_free(domain, FALSE);
}
